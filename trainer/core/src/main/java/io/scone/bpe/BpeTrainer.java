package io.scone.bpe;

import io.scone.corpus.Documents;
import io.scone.progress.Progress;
import io.scone.tokenizer.ByteLevelBpe;
import it.unimi.dsi.fastutil.objects.Object2LongOpenHashMap;
import java.io.IOException;

/**
 * Learns a byte-level BPE vocabulary from documents.
 *
 * <p>Text is cut into words as GPT-2 cuts it; then the pair of neighbouring tokens that occurs most
 * often, within words, is merged into a new token, again and again. Of pairs that occur equally
 * often the one of the earlier tokens comes first, so the result depends on nothing but the text.
 * The memory it takes grows with the distinct words, not with the text.
 */
public final class BpeTrainer {
  /** The smallest vocabulary: the bytes and the end-of-text token. */
  public static final int MIN_VOCABULARY = ByteLevelBpe.ALPHABET_SIZE + 1;

  private BpeTrainer() {}

  /**
   * Learns a vocabulary.
   *
   * @param vocabularySize the tokens wanted, bytes and end-of-text token included; there are fewer
   *     where no pair of tokens occurs twice any more
   * @param threads the documents to read at once
   * @throws IllegalArgumentException if the vocabulary wanted is too small to hold the bytes
   */
  public static ByteLevelBpe train(
      Documents documents, int vocabularySize, int threads, Progress progress) throws IOException {
    if (vocabularySize < MIN_VOCABULARY) {
      throw new IllegalArgumentException(
          "a vocabulary of "
              + vocabularySize
              + " tokens is too small: the bytes and the end-of-text token alone are "
              + MIN_VOCABULARY);
    }
    Object2LongOpenHashMap<String> words = WordCounter.count(documents, threads, progress);
    int merges = vocabularySize - MIN_VOCABULARY;
    progress.begin("merging", merges, "merges");
    ByteLevelBpe vocabulary = new ByteLevelBpe(new MergeLearner(words).learn(merges, progress));
    progress.end();
    return vocabulary;
  }
}
