package io.scone.corpus;

import io.scone.manifest.Fingerprint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The header of a {@code .tokens} file. */
record TokensHeader(
    int vocabularySize,
    int endOfText,
    long tokenCount,
    long documentCount,
    long words,
    long utf8Bytes,
    String tokenizerFingerprint) {
  static final int BYTES = 8 + 2 * Integer.BYTES + 4 * Long.BYTES + 71 + 1;

  private static final byte[] MAGIC = "SCONETK2".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MAGIC_WITHOUT_CHECKSUMS =
      "SCONETK1".getBytes(StandardCharsets.US_ASCII);
  private static final long MAX_TOKENS = 1L << 56;
  private static final int FINGERPRINT_BYTES = 71;
  private static final int SHORT_VOCABULARY = 1 << Short.SIZE;

  /** Returns the bytes that one token takes: 2 where the vocabulary allows it. */
  int bytesPerToken() {
    return vocabularySize <= SHORT_VOCABULARY ? Short.BYTES : Integer.BYTES;
  }

  /** Returns the bytes that all tokens take. */
  long tokenBytes() {
    return tokenCount * bytesPerToken();
  }

  /** Returns what this file and one that goes on after it, of the same tokenizer, are together. */
  TokensHeader with(TokensHeader next) {
    return new TokensHeader(
        vocabularySize,
        endOfText,
        tokenCount + next.tokenCount,
        documentCount + next.documentCount,
        words + next.words,
        utf8Bytes + next.utf8Bytes,
        tokenizerFingerprint);
  }

  /** Returns the header's bytes, ready to be written. */
  ByteBuffer toBytes() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putInt(vocabularySize)
        .putInt(endOfText)
        .putLong(tokenCount)
        .putLong(documentCount)
        .putLong(words)
        .putLong(utf8Bytes)
        .put(tokenizerFingerprint.getBytes(StandardCharsets.US_ASCII))
        .put((byte) bytesPerToken())
        .flip();
  }

  /**
   * Reads the header of a file.
   *
   * @param bytes the file's first bytes, at most {@link #BYTES}
   * @throws CorpusException if they are not a header
   */
  static TokensHeader read(Path file, ByteBuffer bytes) throws CorpusException {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() >= magic.length) {
      bytes.order(ByteOrder.LITTLE_ENDIAN).get(magic);
    }
    if (Arrays.equals(magic, MAGIC_WITHOUT_CHECKSUMS)) {
      throw new CorpusException(
          file + " was written by an earlier release, without checksums: tokenize the text again");
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new CorpusException(file + " is not a tokenized corpus (.tokens)");
    }
    if (bytes.remaining() < BYTES - MAGIC.length) {
      throw new CorpusException(file + " is damaged: it ends within its header");
    }
    int vocabularySize = bytes.getInt();
    int endOfText = bytes.getInt();
    long tokenCount = bytes.getLong();
    long documentCount = bytes.getLong();
    long words = bytes.getLong();
    long utf8Bytes = bytes.getLong();
    byte[] fingerprint = new byte[FINGERPRINT_BYTES];
    bytes.get(fingerprint);
    TokensHeader header =
        new TokensHeader(
            vocabularySize,
            endOfText,
            tokenCount,
            documentCount,
            words,
            utf8Bytes,
            new String(fingerprint, StandardCharsets.US_ASCII));
    if (endOfText < 0
        || endOfText >= vocabularySize
        || documentCount < 1
        || documentCount > tokenCount
        || tokenCount > MAX_TOKENS
        || words < 0
        || utf8Bytes < 0
        || !Fingerprint.isWellFormed(header.tokenizerFingerprint)
        || bytes.get() != header.bytesPerToken()) {
      throw new CorpusException(file + " is damaged: its header contradicts itself");
    }
    return header;
  }
}
