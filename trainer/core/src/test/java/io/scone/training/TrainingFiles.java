package io.scone.training;

import io.scone.corpus.TokenCorpus;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.corpus.VocabularyOnly;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** A small artificial language, its corpora and its mined f-grams, as files. */
final class TrainingFiles {
  static final int VOCABULARY = 64;

  private final Path directory;

  TrainingFiles(Path directory) throws IOException {
    this.directory = directory;
    write(directory.resolve("train.tokens"), 1, 60_000);
    write(directory.resolve("valid.tokens"), 2, 3_000);
    FgramMiner.mine(
        TokenCorpus.open(directory.resolve("train.tokens")),
        new MiningOptions(4, 500, 3, 1, 1 << 26, 1),
        directory.resolve("fgrams.bin"),
        Progress.NONE);
  }

  TrainingData data() throws IOException {
    return open(directory);
  }

  /** Opens the files that another process has written. */
  static TrainingData open(Path directory) throws IOException {
    return TrainingData.open(
        directory.resolve("train.tokens"),
        directory.resolve("valid.tokens"),
        directory.resolve("fgrams.bin"));
  }

  /** Writes documents in which each token mostly allows only two to follow it. */
  static void write(Path file, long seed, int tokens) throws IOException {
    Random random = new Random(seed);
    int words = VOCABULARY - 1; // the last token ends a text
    try (TokenCorpusWriter writer =
        TokenCorpusWriter.create(file, new VocabularyOnly(VOCABULARY))) {
      for (int written = 0; written < tokens; ) {
        int[] document = new int[1 + random.nextInt(200)];
        int token = 0;
        for (int i = 0; i < document.length; i++) {
          boolean any = random.nextInt(4) == 0;
          token = any ? random.nextInt(words) : (token * 7 + random.nextInt(2)) % words;
          document[i] = token;
        }
        writer.add(document, document.length, document.length);
        written += document.length + 1;
      }
      writer.publish();
    }
  }
}
