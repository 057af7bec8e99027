package io.scone.corpus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCorpusTest {
  private static final Tokenizer GPT2 = Tokenizers.gpt2();

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("corpus.tokens");
  }

  @Test
  void holdsEveryDocumentInOrderWhateverTheThreads() throws IOException {
    Random random = new Random(1);
    List<String> texts =
        random.ints(200, 1, 400).mapToObj(n -> "née 😀 " + "word ".repeat(n) + n).toList();
    StringBuilder lines = new StringBuilder();
    texts.forEach(text -> lines.append("{\"text\":\"").append(text).append("\"}\n"));
    Path source = Files.writeString(directory.resolve("texts.jsonl"), lines);
    int[] expected =
        texts.stream()
            .flatMapToInt(
                text ->
                    IntStream.concat(
                        Arrays.stream(GPT2.encode(text)), IntStream.of(GPT2.endOfText())))
            .toArray();
    for (int threads : new int[] {1, 4}) {
      CorpusTokenizer.tokenize(Documents.of(List.of(source)), GPT2, file, threads, Progress.NONE);
      TokenCorpus corpus = TokenCorpus.open(file);
      assertArrayEquals(expected, read(corpus, 0, (int) corpus.tokenCount()));
      assertArrayEquals(Arrays.copyOfRange(expected, 7, 4000), read(corpus, 7, 3993));
      assertEquals(200, corpus.documentCount());
      assertEquals(
          texts.stream().mapToLong(text -> text.split("\\s+").length).sum(), corpus.words());
      assertEquals(
          texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum(),
          corpus.utf8Bytes());
      assertEquals(GPT2.vocabularySize(), corpus.vocabularySize());
      assertEquals(GPT2.endOfText(), corpus.endOfText());
      assertEquals(GPT2.fingerprint(), corpus.tokenizerFingerprint());
    }
  }

  @Test
  void documentsEndAtTheirEndOfTextTokens() throws IOException {
    long[] ends = new long[200];
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, new VocabularyOnly(100_000))) {
      long at = 0;
      for (int i = 0; i < ends.length; i++) {
        writer.add(new int[1 + i * 7], 1, 1);
        at += 1 + i * 7;
        ends[i] = at++;
      }
      writer.publish();
    }
    assertArrayEquals(ends, TokenCorpus.open(file).documentEnds());
    try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
      damaged.seek(damaged.length() - TokenChecksums.bytes(1) - 4);
      damaged.writeInt(0);
    }
    assertThrows(IllegalStateException.class, TokenCorpus.open(file)::documentEnds);
  }

  @Test
  void theShardsOfADirectoryAreOneCorpus() throws IOException {
    Random random = new Random(3);
    Path shards = Files.createDirectory(directory.resolve("shards"));
    try (TokenCorpusWriter whole = TokenCorpusWriter.create(file, new VocabularyOnly(300))) {
      for (int shard = 0; shard < 12; shard++) {
        Path part = shards.resolve("part-%02d.tokens".formatted(shard));
        try (TokenCorpusWriter writer = TokenCorpusWriter.create(part, new VocabularyOnly(300))) {
          for (int i = 0; i <= shard; i++) {
            int[] document = random.ints(1 + random.nextInt(50), 0, 299).toArray();
            whole.add(document, 2, 5);
            writer.add(document, 2, 5);
          }
          writer.publish();
        }
      }
      whole.publish();
    }
    Files.writeString(shards.resolve("README"), "not one of them");
    assertTrue(TokenCorpus.isAt(shards));
    TokenCorpus expected = TokenCorpus.open(file);
    TokenCorpus corpus = TokenCorpus.open(shards).verify();
    int count = (int) expected.tokenCount();
    assertEquals(count, corpus.tokenCount());
    assertArrayEquals(read(expected, 0, count), read(corpus, 0, count));
    for (int i = 0; i < 100; i++) {
      int from = random.nextInt(count);
      int length = random.nextInt(count - from + 1);
      assertArrayEquals(read(expected, from, length), read(corpus, from, length));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> read(corpus, 1, count));
    assertArrayEquals(expected.documentEnds(), corpus.documentEnds());
    assertEquals(expected.documentCount(), corpus.documentCount());
    assertEquals(expected.words(), corpus.words());
    assertEquals(expected.utf8Bytes(), corpus.utf8Bytes());

    int checksum = corpus.checksum();
    String fingerprint = corpus.fingerprint();
    Files.delete(shards.resolve("part-03.tokens"));
    assertNotEquals(checksum, TokenCorpus.open(shards).checksum());
    assertNotEquals(fingerprint, TokenCorpus.open(shards).fingerprint());
  }

  @Test
  void shardsOfTwoTokenizersAndADirectoryWithoutAnyAreRefused() throws IOException {
    for (Tokenizer tokenizer : List.of(GPT2, new VocabularyOnly(300))) {
      Path part = directory.resolve(tokenizer.vocabularySize() + ".tokens");
      try (TokenCorpusWriter writer = TokenCorpusWriter.create(part, tokenizer)) {
        writer.add(new int[] {7}, 1, 1);
        writer.publish();
      }
    }
    CorpusException e = assertThrows(CorpusException.class, () -> TokenCorpus.open(directory));
    assertTrue(e.getMessage().contains("300.tokens and "), e::getMessage);
    assertTrue(e.getMessage().contains("different tokenizers"), e::getMessage);

    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertFalse(TokenCorpus.isAt(empty));
    e = assertThrows(CorpusException.class, () -> TokenCorpus.open(empty));
    assertEquals("the directory '" + empty + "' holds no .tokens file", e.getMessage());
  }

  @Test
  void tokensOfALargeVocabularyTakeFourBytes() throws IOException {
    int[] tokens = {0, 65_535, 65_536, 99_998};
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, new VocabularyOnly(100_000))) {
      writer.add(tokens, 1, 4);
      writer.publish();
    }
    assertEquals(TokensHeader.BYTES + 5 * 4 + TokenChecksums.bytes(5 * 4), Files.size(file));
    assertArrayEquals(tokens, read(TokenCorpus.open(file), 0, 4));
    assertArrayEquals(new int[] {99_999}, read(TokenCorpus.open(file), 4, 1));
  }

  @Test
  void aFileBeyondTwoGibibytesIsReadToItsEnd() throws IOException {
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, new VocabularyOnly(100_000))) {
      writer.add(new int[] {7}, 1, 1);
      writer.publish();
    }
    long tokens = (5L << 30) / 4;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      long end = TokensHeader.BYTES + tokens * 4;
      sparse.setLength(end + TokenChecksums.bytes(tokens * 4));
      sparse.seek(16);
      sparse.writeLong(Long.reverseBytes(tokens));
      byte[] header = new byte[TokensHeader.BYTES];
      sparse.seek(0);
      sparse.readFully(header);
      CRC32C checksum = new CRC32C();
      checksum.update(header);
      checksum.update(new byte[(int) TokenChecksums.bytes(tokens * 4) - 4]);
      sparse.seek(sparse.length() - 4);
      sparse.writeInt(Integer.reverseBytes((int) checksum.getValue()));
      sparse.seek(TokensHeader.BYTES + (1L << 32) - 4);
      sparse.writeInt(Integer.reverseBytes(1234));
      sparse.writeInt(Integer.reverseBytes(5678));
    }
    TokenCorpus corpus = TokenCorpus.open(file);
    assertArrayEquals(new int[] {0, 1234, 5678, 0}, read(corpus, (1L << 30) - 2, 4));
    assertArrayEquals(new int[] {0}, read(corpus, tokens - 1, 1));
  }

  @Test
  void damagedAndForeignFilesAreRefused() throws IOException {
    CorpusTokenizer.tokenize(documents("some text"), GPT2, file, 1, Progress.NONE);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertTrue(refusal().contains("corpus.tokens is damaged"));
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertTrue(refusal().contains("corpus.tokens is damaged"));
    Files.write(file, Arrays.copyOf(bytes, 50));
    assertTrue(refusal().contains("ends within its header"));
    byte[] contradicting = bytes.clone();
    contradicting[15] = (byte) 0x80;
    Files.write(file, contradicting);
    assertTrue(refusal().contains("contradicts itself"));
    for (int at : new int[] {30, bytes.length - 6, bytes.length - 1}) {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      Files.write(file, changed);
      assertTrue(refusal().contains("corpus.tokens is damaged"), refusal());
    }
    byte[] earlier = bytes.clone();
    earlier[7] = '1';
    Files.write(file, earlier);
    assertTrue(refusal().contains("tokenize the text again"));
    Files.writeString(file, "text");
    assertTrue(refusal().contains("is not a tokenized corpus"));
    Files.delete(file);
    assertTrue(refusal().contains("there is no tokenized corpus"));
  }

  @Test
  void aChangedTokenIsFoundInWhateverPieceItIs() throws IOException {
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, new VocabularyOnly(100_000))) {
      Random random = new Random(2);
      for (int i = 0; i < 36; i++) {
        writer.add(random.ints(1 << 19, 0, 90_000).toArray(), 1, 1);
      }
      writer.publish();
    }
    TokenCorpus.open(file).verify();
    long end = Files.size(file) - TokenChecksums.bytes(2L * TokenChecksums.PIECE_BYTES);
    long second = TokensHeader.BYTES + TokenChecksums.PIECE_BYTES;
    for (long at : new long[] {TokensHeader.BYTES, second - 1, second, end - 1}) {
      flipBit(at);
      CorpusException e =
          assertThrows(CorpusException.class, () -> TokenCorpus.open(file).verify());
      String place = at < second ? "%,d".formatted(TokensHeader.BYTES) : "%,d".formatted(second);
      assertTrue(e.getMessage().contains("corpus.tokens is damaged: its bytes " + place + " to "));
      flipBit(at);
    }
    TokenCorpus.open(file).verify();
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() throws IOException {
    CorpusTokenizer.tokenize(documents("some text"), GPT2, file, 1, Progress.NONE);
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, TokensHeader.BYTES, TokensHeader.BYTES + 2, (byte) 0xff);
    Files.write(file, bytes);
    TokenCorpus corpus = TokenCorpus.open(file);
    assertThrows(IllegalStateException.class, () -> read(corpus, 0, 1));
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(file, GPT2)) {
      assertThrows(
          IllegalArgumentException.class, () -> writer.add(new int[] {GPT2.endOfText()}, 0, 0));
    }
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    CorpusTokenizer.tokenize(documents("some text"), GPT2, file, 1, Progress.NONE);
    byte[] before = Files.readAllBytes(file);
    Path broken = Files.writeString(directory.resolve("broken.jsonl"), "{\"text\":\"x\"}\n{");
    Path empty = Files.writeString(directory.resolve("empty.jsonl"), "\n");
    for (Path source : List.of(broken, empty)) {
      assertThrows(
          CorpusException.class,
          () ->
              CorpusTokenizer.tokenize(
                  Documents.of(List.of(source)), GPT2, file, 2, Progress.NONE));
    }
    assertArrayEquals(before, Files.readAllBytes(file));
    try (Stream<Path> left = Files.list(directory)) {
      assertFalse(left.anyMatch(path -> path.toString().contains("partial")));
    }
  }

  private Documents documents(String text) throws IOException {
    return Documents.of(List.of(Files.writeString(directory.resolve("text.txt"), text)));
  }

  private void flipBit(long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int before = bytes.read();
      bytes.seek(at);
      bytes.write(before ^ 1);
    }
  }

  private String refusal() {
    return assertThrows(CorpusException.class, () -> TokenCorpus.open(file)).getMessage();
  }

  private static int[] read(TokenCorpus corpus, long from, int count) {
    int[] tokens = new int[count + 2];
    corpus.read(from, tokens, 1, count);
    return Arrays.copyOfRange(tokens, 1, count + 1);
  }
}
