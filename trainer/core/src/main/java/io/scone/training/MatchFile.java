package io.scone.training;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.files.AtomicFiles;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * The file of the longest matches of one corpus and one set of f-grams: a header, then a byte for
 * each token.
 *
 * <p>It stands beside the corpus, or among the system's temporary files where nothing may be
 * written there, and is named for the f-grams' fingerprint: other f-grams have another file. One
 * that does not fit its corpus, or is damaged, is written anew.
 */
final class MatchFile {
  /** The tokens of a mapped buffer; the last may have fewer. */
  static final int SEGMENT_BYTES = 1 << 30;

  private static final byte[] MAGIC = "SCONEML1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = MAGIC.length + Long.BYTES + 2 * Integer.BYTES + 72;
  private static final int CHUNK = 1 << 16;
  private static final int ID_BEGIN = "sha256:".length();
  private static final int ID_DIGITS = 12;

  private final TokenCorpus corpus;
  private final FgramIndex fgrams;
  private final String fgramsFingerprint;

  MatchFile(TokenCorpus corpus, FgramIndex fgrams, String fgramsFingerprint) {
    this.corpus = corpus;
    this.fgrams = fgrams;
    this.fgramsFingerprint = fgramsFingerprint;
  }

  /** Returns the bytes of all tokens, which the file is written for unless it is there. */
  ByteBuffer[] map(Progress progress) throws IOException {
    Path file = path();
    ByteBuffer[] segments = Files.exists(file) ? open(file) : null;
    return segments == null ? write(file, progress) : segments;
  }

  /** Returns where the file is or will be. */
  Path path() {
    Path tokens = corpus.path().toAbsolutePath().normalize();
    String id = fgramsFingerprint.substring(ID_BEGIN, ID_BEGIN + ID_DIGITS);
    Path beside = tokens.resolveSibling(tokens.getFileName() + "." + id + ".matches");
    return Files.exists(beside) || Files.isWritable(tokens.getParent())
        ? beside
        : Path.of(System.getProperty("java.io.tmpdir")).resolve(beside.getFileName());
  }

  /** Returns the content of a file, or null if it is not what belongs there. */
  private ByteBuffer[] open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() != HEADER_BYTES + corpus.tokenCount()) {
        return null;
      }
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      while (header.hasRemaining() && channel.read(header) >= 0) {}
      ByteBuffer[] segments = segments(channel);
      return header.flip().equals(header(segments)) ? segments : null;
    }
  }

  /**
   * Writes the file. Of processes that want the same one the first writes it; the others wait for
   * it, and find it.
   */
  private ByteBuffer[] write(Path file, Progress progress) throws IOException {
    // A file is locked for a process; this keeps the threads of one apart.
    synchronized (MatchFile.class) {
      try (FileChannel channel = openTemporary(file)) {
        channel.lock();
        ByteBuffer[] written = Files.exists(file) ? open(file) : null;
        if (written != null) {
          Files.deleteIfExists(AtomicFiles.temporary(file)); // unless it has become the file
          return written;
        }
        channel.truncate(0);
        match(channel, progress);
        channel.write(header(segments(channel)), 0);
        AtomicFiles.publish(file);
        return open(file);
      }
    }
  }

  /** Opens the file's temporary sibling, whoever makes it. */
  private static FileChannel openTemporary(Path file) throws IOException {
    return FileChannel.open(
        AtomicFiles.temporary(file),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  private void match(FileChannel channel, Progress progress) throws IOException {
    AtomicLong next = new AtomicLong();
    progress.begin("matching f-grams", corpus.tokenCount(), "tokens");
    Workers.run(
        Runtime.getRuntime().availableProcessors(),
        () -> {
          for (long at = next.getAndAdd(CHUNK);
              at < corpus.tokenCount();
              at = next.getAndAdd(CHUNK)) {
            ByteBuffer lengths = ByteBuffer.wrap(match(at));
            long place = HEADER_BYTES + at;
            while (lengths.hasRemaining()) {
              place += channel.write(lengths, place);
            }
            progress.advance(lengths.limit());
          }
          return null;
        });
    progress.end();
  }

  private byte[] match(long begin) {
    byte[] lengths = new byte[(int) Math.min(CHUNK, corpus.tokenCount() - begin)];
    int before = (int) Math.min(begin, fgrams.maxNgram() - 1);
    int[] tokens = new int[before + lengths.length];
    corpus.read(begin - before, tokens, 0, tokens.length);
    for (int i = 0; i < lengths.length; i++) {
      // No f-gram holds the end-of-text token, so none reaches into the document before.
      long match = fgrams.longestMatch(tokens, 0, before + i);
      lengths[i] = match == FgramIndex.NONE ? 0 : (byte) FgramIndex.length(match);
    }
    return lengths;
  }

  private ByteBuffer[] segments(FileChannel channel) throws IOException {
    long bytes = corpus.tokenCount();
    ByteBuffer[] segments = new ByteBuffer[(int) ((bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES)];
    for (int i = 0; i < segments.length; i++) {
      long start = (long) i * SEGMENT_BYTES;
      segments[i] =
          channel.map(
              FileChannel.MapMode.READ_ONLY,
              HEADER_BYTES + start,
              Math.min(SEGMENT_BYTES, bytes - start));
    }
    return segments;
  }

  /** Returns the header of a file of this content. */
  private ByteBuffer header(ByteBuffer[] segments) {
    CRC32C checksum = new CRC32C();
    for (ByteBuffer segment : segments) {
      checksum.update(segment.duplicate());
    }
    return ByteBuffer.allocate(HEADER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putLong(corpus.tokenCount())
        .putInt(corpus.checksum())
        .putInt((int) checksum.getValue())
        .put(fgramsFingerprint.getBytes(StandardCharsets.US_ASCII))
        .put((byte) 0)
        .flip();
  }
}
