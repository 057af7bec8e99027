package io.scone.training;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A file of named tensors in the safetensors format: 8 bytes little-endian length of the header, a
 * JSON header, then the tensors' bytes, little-endian and in row-major order.
 *
 * <p>Opening reads and checks the header only; tensors are mapped when they are asked for, larger
 * ones than a buffer can be a piece at a time. A mapping lives as long as its buffer does; there is
 * nothing to close.
 */
public final class Safetensors {
  private static final int MAX_HEADER_BYTES = 100_000_000; // the format's own bound

  /** The most bytes of a piece: whole values of any type. */
  private static final int PIECE_BYTES = 1 << 26;

  /** How a tensor's values are stored: all types of the format that take whole bytes. */
  public enum Type {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(Short.BYTES),
    U16(Short.BYTES),
    F16(Short.BYTES),
    BF16(Short.BYTES),
    I32(Integer.BYTES),
    U32(Integer.BYTES),
    F32(Float.BYTES),
    I64(Long.BYTES),
    U64(Long.BYTES),
    F64(Double.BYTES);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * The form of a tensor.
   *
   * @param type how the values are stored
   * @param shape the extent of each dimension; empty for a scalar
   */
  public record Tensor(Type type, List<Long> shape) {
    /**
     * Returns the bytes of all values.
     *
     * @throws ArithmeticException if they are more than a long counts
     */
    long bytes() {
      return shape.stream().reduce((long) type.bytes, Math::multiplyExact);
    }
  }

  /** Takes the bytes of a tensor, one piece after another. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes the next bytes.
     *
     * @param piece little-endian, whole values; it is the caller's again when this returns
     */
    void write(ByteBuffer piece) throws IOException;
  }

  /** The values of a tensor that is to be written. */
  @FunctionalInterface
  public interface Content {
    /** Writes all values in row-major order; this is asked once, when they are to be written. */
    void writeTo(Sink sink) throws IOException;
  }

  /**
   * A tensor to be written.
   *
   * @param type how the values are stored
   * @param shape the extent of each dimension; empty for a scalar
   * @param content its values
   */
  public record Source(Type type, List<Long> shape, Content content) {
    /** Returns the tensor of these floats. */
    public static Source of(float[] values, long... shape) {
      ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES);
      data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      return new Source(
          Type.F32, Arrays.stream(shape).boxed().toList(), sink -> sink.write(data.duplicate()));
    }
  }

  private final Path file;
  private final long dataStart;
  private final SafetensorsHeader header;

  private Safetensors(Path file, long dataStart, SafetensorsHeader header) {
    this.file = file;
    this.dataStart = dataStart;
    this.header = header;
  }

  /**
   * Opens a file and checks that its header describes exactly its bytes.
   *
   * @throws IOException if the file cannot be read or is not well formed
   */
  public static Safetensors open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      if (fileBytes < Long.BYTES) {
        throw malformed(file, "it has %d bytes, too few for a header", fileBytes);
      }
      long headerBytes = read(file, channel, 0, Long.BYTES).getLong();
      if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, fileBytes - Long.BYTES)) {
        throw malformed(
            file,
            "it claims a header of %s bytes in a file of %d",
            Long.toUnsignedString(headerBytes),
            fileBytes);
      }
      byte[] json = read(file, channel, Long.BYTES, (int) headerBytes).array();
      long dataStart = Long.BYTES + headerBytes;
      SafetensorsHeader header = SafetensorsHeader.parse(json, fileBytes - dataStart);
      return new Safetensors(file, dataStart, header);
    } catch (IllegalArgumentException e) { // of the header
      throw new IOException(file + " is not a safetensors file: " + e.getMessage(), e);
    }
  }

  /** Returns the tensors' names, in the header's order. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  /**
   * Returns how a tensor's values are stored.
   *
   * @throws IOException if the file holds no such tensor
   */
  public Type type(String name) throws IOException {
    return entry(name).form().type();
  }

  /**
   * Returns the extent of each dimension of a tensor.
   *
   * @throws IOException if the file holds no such tensor
   */
  public List<Long> shape(String name) throws IOException {
    return entry(name).form().shape();
  }

  /**
   * Maps a tensor's values: a read-only little-endian buffer from position 0.
   *
   * @throws IOException if the file holds no such tensor, or it is larger than 2 GiB
   */
  public ByteBuffer data(String name) throws IOException {
    long bytes = bytes(name);
    if (bytes > Integer.MAX_VALUE) {
      throw new IOException(
          "tensor '"
              + name
              + "' of "
              + file
              + " is larger than 2 GiB, the most that can be mapped");
    }
    return map(name, 0, (int) bytes);
  }

  /**
   * Maps a piece of a tensor's values, by which one of any size is read: a read-only little-endian
   * buffer from position 0, which ends with the tensor or before.
   *
   * @param offset the first byte
   * @throws IOException if the file holds no such tensor
   */
  public ByteBuffer piece(String name, long offset) throws IOException {
    return map(name, offset, (int) Math.min(PIECE_BYTES, bytes(name) - offset));
  }

  /**
   * Gives all values of a tensor to a sink, in row-major order.
   *
   * @throws IOException if the file holds no such tensor, or the sink throws it
   */
  public void read(String name, Sink sink) throws IOException {
    long bytes = bytes(name);
    for (long at = 0; at < bytes; at += PIECE_BYTES) {
      sink.write(piece(name, at));
    }
  }

  /**
   * Returns the bytes of a tensor's values.
   *
   * @throws IOException if the file holds no such tensor
   */
  public long bytes(String name) throws IOException {
    return entry(name).form().bytes();
  }

  /**
   * Copies the values of an F32, F16 or BF16 tensor as floats, in row-major order; each of these
   * types converts exactly.
   *
   * @throws IOException if the file holds no such tensor of floats, or it has more values than an
   *     array
   */
  public float[] floats(String name) throws IOException {
    Dtype dtype =
        switch (type(name)) {
          case F32 -> Dtype.F32;
          case F16 -> Dtype.F16;
          case BF16 -> Dtype.BF16;
          default ->
              throw new IOException(
                  String.format(
                      "tensor '%s' of %s holds %s, not F32, F16 or BF16", name, file, type(name)));
        };
    int valueBytes = type(name).bytes;
    long count = bytes(name) / valueBytes;
    if (count > Integer.MAX_VALUE - 8) { // what a Java virtual machine may keep of an array
      throw new IOException("tensor '" + name + "' of " + file + " has too many values: " + count);
    }
    float[] values = new float[(int) count];
    int[] read = {0};
    read(
        name,
        piece -> {
          int size = piece.remaining() / valueBytes;
          new RowCodec(dtype, size).decode(piece, values, read[0]);
          read[0] += size;
        });
    return values;
  }

  /**
   * Writes tensors to a file in the map's order. The file appears complete and durable, or not at
   * all; one of that name is replaced.
   */
  public static void write(Path file, Map<String, Source> tensors) throws IOException {
    Map<String, Tensor> forms = new LinkedHashMap<>();
    tensors.forEach((name, source) -> forms.put(name, new Tensor(source.type(), source.shape())));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, forms)) {
      for (Map.Entry<String, Source> tensor : tensors.entrySet()) {
        tensor.getValue().content().writeTo(piece -> writer.write(tensor.getKey(), piece));
      }
      writer.publish();
    }
  }

  private ByteBuffer map(String name, long offset, int bytes) throws IOException {
    long begin = dataStart + entry(name).begin() + offset;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < begin + bytes) {
        throw cutShort(file);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, begin, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private SafetensorsHeader.Entry entry(String name) throws IOException {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new IOException(file + " holds no tensor '" + name + "'");
    }
    return entry;
  }

  private static ByteBuffer read(Path file, FileChannel channel, long position, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw cutShort(file);
      }
    }
    return buffer.flip();
  }

  private static IOException cutShort(Path file) {
    return new EOFException(file + " was cut short while it was read");
  }

  private static IOException malformed(Path file, String format, Object... arguments) {
    return new IOException(
        file + " is not a safetensors file: " + String.format(Locale.ROOT, format, arguments));
  }
}
