package io.scone.corpus;

import io.scone.manifest.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A tokenized corpus on disk, a {@code .tokens} file or a directory of several, its shards: the
 * tokens of every document in turn, each document ended by the end-of-text token.
 *
 * <p>The files are mapped into memory, so they take no heap, and the mapping lasts as long as this
 * object is reachable: there is nothing to close. Safe for use by many threads.
 */
public final class TokenCorpus {
  private static final String SUFFIX = ".tokens";

  private final Path path;
  private final TokensHeader header; // of all shards together
  private final List<TokenShard> shards;

  /** The place in the corpus of each shard's first token. */
  private final long[] starts;

  private TokenCorpus(Path path, List<TokenShard> shards) throws CorpusException {
    this.path = path;
    this.shards = shards;
    this.starts = new long[shards.size()];
    TokensHeader all = shards.get(0).header();
    for (int i = 1; i < starts.length; i++) {
      starts[i] = all.tokenCount();
      TokensHeader next = shards.get(i).header();
      if (!next.tokenizerFingerprint().equals(all.tokenizerFingerprint())) {
        throw new CorpusException(
            "%s and %s were made by different tokenizers, %s and %s: tokenize one of them again"
                .formatted(
                    shards.get(0).file(),
                    shards.get(i).file(),
                    all.tokenizerFingerprint(),
                    next.tokenizerFingerprint()));
      }
      all = all.with(next);
    }
    this.header = all;
  }

  /** Says whether a path is tokens, not text: a {@code .tokens} file, or a directory of some. */
  public static boolean isAt(Path path) throws IOException {
    return Files.isDirectory(path) ? !shardsOf(path).isEmpty() : isTokens(path);
  }

  /** Says whether {@link #isAt} is true of any of some paths. */
  public static boolean isAmong(List<Path> paths) throws IOException {
    for (Path path : paths) {
      if (isAt(path)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTokens(Path path) {
    return path.toString().endsWith(SUFFIX);
  }

  /** Returns the shards that lie in a directory, in the order of their names. */
  private static List<Path> shardsOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(TokenCorpus::isTokens).sorted().toList();
    }
  }

  /**
   * Opens a {@code .tokens} file, or all that lie in a directory, in the order of their names.
   * Their tokens are not read yet: {@link #verify} does.
   *
   * @throws CorpusException if it is missing, not such a file, damaged, or of several tokenizers
   */
  public static TokenCorpus open(Path path) throws IOException {
    List<Path> files = Files.isDirectory(path) ? shardsOf(path) : List.of(path);
    if (files.isEmpty()) {
      throw new CorpusException("the directory '" + path + "' holds no .tokens file");
    }
    List<TokenShard> shards = new ArrayList<>();
    for (Path file : files) {
      shards.add(TokenShard.open(file));
    }
    return new TokenCorpus(path, shards);
  }

  /**
   * Reads all tokens once, several pieces at a time, and compares them with their checksums.
   *
   * @return this corpus
   * @throws CorpusException if they are not what was written
   */
  public TokenCorpus verify() throws IOException {
    for (TokenShard shard : shards) {
      shard.verify();
    }
    return this;
  }

  /** Returns the file, or the directory of the shards. */
  public Path path() {
    return path;
  }

  /** Returns a checksum of all content; other tokens have another. */
  public int checksum() {
    if (shards.size() == 1) {
      return shards.get(0).checksum();
    }
    ByteBuffer each = ByteBuffer.allocate(shards.size() * Integer.BYTES);
    shards.forEach(shard -> each.putInt(shard.checksum()));
    CRC32C all = new CRC32C();
    all.update(each.flip());
    return (int) all.getValue();
  }

  /** Returns the fingerprint of all content, which is read for it. */
  public String fingerprint() throws IOException {
    if (shards.size() == 1) {
      return Fingerprint.of(shards.get(0).file());
    }
    Fingerprint all = new Fingerprint();
    for (TokenShard shard : shards) {
      all.update(Fingerprint.of(shard.file()));
    }
    return all.finish();
  }

  /** Returns the number of tokens, end-of-text tokens included. */
  public long tokenCount() {
    return header.tokenCount();
  }

  /** Returns the number of documents, which is that of end-of-text tokens. */
  public long documentCount() {
    return header.documentCount();
  }

  /** Returns the words of the original text, split at white space. */
  public long words() {
    return header.words();
  }

  /** Returns the bytes of the original text in UTF-8. */
  public long utf8Bytes() {
    return header.utf8Bytes();
  }

  /** Returns the places of the end-of-text tokens, which all are read for. */
  public long[] documentEnds() {
    long[] ends = new long[Math.toIntExact(documentCount())];
    int[] tokens = new int[1 << 16];
    int found = 0;
    for (long at = 0; at < tokenCount(); at += tokens.length) {
      int count = (int) Math.min(tokens.length, tokenCount() - at);
      read(at, tokens, 0, count);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == endOfText()) {
          if (found == ends.length) {
            throw damagedDocuments();
          }
          ends[found++] = at + i;
        }
      }
    }
    if (found < ends.length || ends[found - 1] != tokenCount() - 1) {
      throw damagedDocuments();
    }
    return ends;
  }

  private IllegalStateException damagedDocuments() {
    return new IllegalStateException(
        "%s is damaged: it does not hold the %,d documents it claims"
            .formatted(path, documentCount()));
  }

  /** Returns the exclusive bound of the tokens. */
  public int vocabularySize() {
    return header.vocabularySize();
  }

  /** Returns the token that ends every document. */
  public int endOfText() {
    return header.endOfText();
  }

  /** Returns the fingerprint of the tokenizer that made the tokens. */
  public String tokenizerFingerprint() {
    return header.tokenizerFingerprint();
  }

  /**
   * Copies tokens.
   *
   * @param from the place in the corpus of the first token wanted
   * @param into where the tokens go, from {@code offset}
   * @param count the tokens wanted
   * @throws IndexOutOfBoundsException if the corpus or the array does not have that many
   * @throws IllegalStateException if a token is outside the vocabulary: the file is damaged
   */
  public void read(long from, int[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, tokenCount());
    Objects.checkFromIndexSize(offset, count, into.length);
    int shard = shardOf(from);
    int done = 0;
    while (done < count) {
      long begin = from + done - starts[shard];
      long rest = shards.get(shard).header().tokenCount() - begin;
      int step = (int) Math.min(count - done, rest);
      shards.get(shard++).read(begin, into, offset + done, step);
      done += step;
    }
  }

  /** Returns the last shard that does not begin after a place. */
  private int shardOf(long place) {
    int found = Arrays.binarySearch(starts, place);
    return found >= 0 ? found : -found - 2;
  }
}
