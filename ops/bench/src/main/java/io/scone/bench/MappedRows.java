package io.scone.bench;

import io.scone.files.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** All rows in the order of their ordinals, in a file that is mapped into memory. */
final class MappedRows {
  private static final int SEGMENT_BYTES = 1 << 30;

  private final ByteBuffer[] segments;
  private final int rowBytes;
  private final int rowsPerSegment;

  private MappedRows(ByteBuffer[] segments, int rowBytes) {
    this.segments = segments;
    this.rowBytes = rowBytes;
    this.rowsPerSegment = SEGMENT_BYTES / rowBytes;
  }

  /** Returns the file, after writing it, whole or not at all, if there is none. */
  static Path prepare(BenchmarkData data) throws IOException {
    Path file = data.path("rows.bin");
    if (!Files.exists(file)) {
      write(file, data);
    }
    return file;
  }

  private static void write(Path file, BenchmarkData data) throws IOException {
    ByteBuffer row = ByteBuffer.allocateDirect(data.rowBytes());
    ByteBuffer buffer = ByteBuffer.allocateDirect(1024 * data.rowBytes());
    try (FileChannel channel =
        FileChannel.open(
            AtomicFiles.temporary(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (int[] fgram : data.fgrams()) {
        data.pattern().write(fgram, 0, fgram.length, row.clear());
        buffer.put(row.flip());
        if (!buffer.hasRemaining()) {
          drain(buffer, channel);
        }
      }
      drain(buffer, channel);
    }
    AtomicFiles.publish(file);
  }

  /** Maps the file and reads all of it into memory. */
  static MappedRows open(Path file, int rowBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long segmentBytes = (long) (SEGMENT_BYTES / rowBytes) * rowBytes;
      int count = (int) ((channel.size() + segmentBytes - 1) / segmentBytes);
      ByteBuffer[] segments = new ByteBuffer[count];
      for (int i = 0; i < count; i++) {
        long start = i * segmentBytes;
        MappedByteBuffer segment =
            channel.map(
                FileChannel.MapMode.READ_ONLY,
                start,
                Math.min(segmentBytes, channel.size() - start));
        segments[i] = segment.load();
      }
      return new MappedRows(segments, rowBytes);
    }
  }

  /** Copies a row to a place in a buffer. */
  void copy(int ordinal, ByteBuffer into, int at) {
    ByteBuffer segment = segments[ordinal / rowsPerSegment];
    into.put(at, segment, ordinal % rowsPerSegment * rowBytes, rowBytes);
  }

  private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
