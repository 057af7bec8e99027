package io.scone.bench;

import io.scone.corpus.TokenCorpus;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Corpora of any size made of one of real text.
 *
 * <p>A smaller one is a sample of its documents. A larger one is the corpus again and again, where
 * each copy but the first has other words: the most frequent tokens stay, and the others take each
 * other's places among those of about their frequency, in each copy in another way. So n-grams of
 * frequent tokens go on occurring more often, as {@code of the} does in any text, while those with
 * a rare token are new in each copy, as names and terms are in a new document. The counts within a
 * copy are those of real text: an n-gram that occurs once there stays rare however many copies
 * there are, where bare repetition, or single tokens changed, would make all n-grams frequent.
 */
final class TiledCorpus {
  /** The frequent tokens that stay. */
  private static final int SHARED_TOKENS = 512;

  private final TokenCorpus corpus;
  private final long[] documentEnds;

  private TiledCorpus(TokenCorpus corpus) {
    this.corpus = corpus;
    this.documentEnds = corpus.documentEnds();
  }

  /**
   * Writes a corpus of some size; the same in every run.
   *
   * @param size its tokens, end-of-text tokens included
   */
  static void write(TokenCorpus corpus, long size, Path file, Progress progress)
      throws IOException {
    progress.begin("making a corpus", size, "tokens");
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, corpus)) {
      new TiledCorpus(corpus).write(size, writer, progress);
      writer.publish();
    }
    progress.end();
  }

  private void write(long size, TokenCorpusWriter writer, Progress progress) throws IOException {
    int[] order = IntStream.range(0, documentEnds.length).toArray();
    shuffle(order, 0, order.length, new Random(0));
    int[] ranked = size > corpus.tokenCount() ? ranked() : new int[0];
    long left = size;
    for (int copy = 0; left > 0; copy++) {
      int[] renamed = renamed(ranked, copy);
      for (int i = 0; i < order.length && left > 0; i++) {
        int[] document = document(order[i], (int) Math.min(Integer.MAX_VALUE, left - 1), renamed);
        writer.add(document, 0, 0);
        left -= document.length + 1L;
        progress.advance(document.length + 1L);
      }
    }
  }

  /** Returns a document in the words of a copy, or its beginning of so many tokens. */
  private int[] document(int number, int limit, int[] renamed) {
    long begin = number == 0 ? 0 : documentEnds[number - 1] + 1;
    int[] tokens = new int[(int) Math.min(limit, documentEnds[number] - begin)];
    corpus.read(begin, tokens, 0, tokens.length);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = renamed[tokens[i]];
    }
    return tokens;
  }

  /** Returns the tokens that stand in documents, the most frequent first. */
  private int[] ranked() {
    long[] counts = new long[corpus.vocabularySize()];
    int[] tokens = new int[1 << 16];
    for (long at = 0; at < corpus.tokenCount(); at += tokens.length) {
      int length = (int) Math.min(tokens.length, corpus.tokenCount() - at);
      corpus.read(at, tokens, 0, length);
      for (int i = 0; i < length; i++) {
        counts[tokens[i]]++;
      }
    }
    return IntStream.range(0, counts.length)
        .filter(token -> counts[token] > 0 && token != corpus.endOfText())
        .boxed()
        .sorted((a, b) -> Long.compare(counts[b], counts[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Returns what each token becomes in a copy: beyond the shared ones those of ranks 2^k to 2^(k+1)
   * are exchanged with each other.
   */
  private int[] renamed(int[] ranked, int copy) {
    int[] renamed = IntStream.range(0, corpus.vocabularySize()).toArray();
    if (copy == 0) {
      return renamed;
    }
    int[] places = ranked.clone();
    Random random = new Random(copy);
    for (int from = SHARED_TOKENS; from < places.length; from *= 2) {
      shuffle(places, from, Math.min(places.length, 2 * from), random);
    }
    for (int rank = 0; rank < ranked.length; rank++) {
      renamed[ranked[rank]] = places[rank];
    }
    return renamed;
  }

  private static void shuffle(int[] values, int from, int to, Random random) {
    for (int last = to - 1; last > from; last--) {
      int other = from + random.nextInt(last - from + 1);
      int value = values[last];
      values[last] = values[other];
      values[other] = value;
    }
  }
}
