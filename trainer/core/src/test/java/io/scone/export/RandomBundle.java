package io.scone.export;

import io.scone.fgram.FgramKey;
import io.scone.inference.Bundle;
import io.scone.mining.FgramFileWriter;
import io.scone.tokenizer.ByteLevelBpe;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** A bundle of random weights with f-grams of a given text, and the parts it was made of. */
public final class RandomBundle {
  /** The bytes and the end-of-text token. */
  public static final int VOCABULARY = 257;

  private RandomBundle() {}

  /**
   * Writes {@code checkpoint}, {@code tokenizer.json} and, unless the model is a baseline, {@code
   * fgrams.bin} into a directory and exports them to {@code bundle} there.
   *
   * @param config models over the vocabulary of {@value #VOCABULARY} tokens
   * @param text sequences of tokens, some stretches of which become f-grams
   */
  public static Bundle create(Path directory, ModelConfig config, int[][] text, long seed)
      throws IOException {
    Path checkpoint = RandomCheckpoint.write(directory.resolve("checkpoint"), config, seed);
    try (Tokenizer tokenizer = tokenizer(directory)) {
      Path fgrams =
          config.isBaseline()
              ? null
              : fgrams(directory, config.fgram().maxNgram(), text, seed, tokenizer);
      Path bundle = directory.resolve("bundle");
      BundleExporter.ofCheckpoint(checkpoint).export(tokenizer, fgrams, bundle, "test");
      return Bundle.open(bundle);
    }
  }

  /** Returns the tokens of a text: its bytes, by their places in the alphabet. */
  public static int[] tokens(String text) {
    int[] places = new int[ByteLevelBpe.ALPHABET_SIZE];
    byte[] alphabet = ByteLevelBpe.alphabet();
    for (int token = 0; token < alphabet.length; token++) {
      places[alphabet[token] & 0xff] = token;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length).map(i -> places[bytes[i] & 0xff]).toArray();
  }

  /** Writes {@code tokenizer.json} into a directory and loads it: every byte is a token. */
  static Tokenizer tokenizer(Path directory) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    Files.write(file, new ByteLevelBpe(List.of()).toJson());
    return Tokenizers.load(file);
  }

  /** Writes {@code fgrams.bin} into a directory: a set closed under prefixes and suffixes. */
  static Path fgrams(Path directory, int maxNgram, int[][] text, long seed, Tokenizer tokenizer)
      throws IOException {
    Random random = new Random(seed);
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int[] tokens : text) {
      for (int i = 0; i < tokens.length / 3; i++) {
        int length = 2 + random.nextInt(maxNgram - 1);
        int start = random.nextInt(tokens.length - length + 1);
        for (int from = start; from < start + length; from++) {
          for (int to = from + 2; to <= start + length; to++) {
            keys.add(FgramKey.encode(tokens, from, to - from));
          }
        }
      }
    }
    Path file = directory.resolve("fgrams.bin");
    try (FgramFileWriter writer =
        FgramFileWriter.create(
            file, tokenizer.vocabularySize(), maxNgram, tokenizer.fingerprint())) {
      for (byte[] key : keys) {
        int[] fgram = FgramKey.decode(key);
        writer.add(fgram, 0, fgram.length, 1 + random.nextInt(99));
      }
      writer.publish();
    }
    return file;
  }
}
