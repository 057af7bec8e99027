package io.scone.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A file of named tensors in the safetensors format: 8 bytes little-endian length of the header, a
 * JSON header, then the tensors' bytes, little-endian and in row-major order.
 *
 * <p>Opening reads and checks the header only; each tensor is mapped when it is asked for, so a
 * file may be larger than 2 GiB, one tensor may not. The mapping lives as long as its buffer does;
 * there is nothing to close.
 */
public final class Safetensors {
  private static final int MAX_HEADER_BYTES = 100_000_000;
  private static final String METADATA = "__metadata__";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** How a tensor's values are stored. */
  public enum Type {
    F32(Float.BYTES),
    F16(Short.BYTES),
    BF16(Short.BYTES),
    I64(Long.BYTES),
    U8(1);

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

  /**
   * A tensor to be written.
   *
   * @param type how the values are stored
   * @param shape the extent of each dimension; empty for a scalar
   * @param data gives a little-endian buffer of all values when they are to be written; it is asked
   *     once, and the buffer is not kept
   */
  public record Source(Type type, List<Long> shape, Supplier<ByteBuffer> data) {
    /** Returns the tensor of these floats. */
    public static Source of(float[] values, long... shape) {
      ByteBuffer data = ByteBuffer.allocate(values.length * Float.BYTES);
      data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      return new Source(Type.F32, Arrays.stream(shape).boxed().toList(), () -> data);
    }
  }

  /** Where a tensor lies: bytes {@code begin} to {@code end} after the header. */
  private record Entry(Type type, List<Long> shape, long begin, long end) {}

  private final Path file;
  private final long dataStart;
  private final Map<String, Entry> entries;

  private Safetensors(Path file, long dataStart, Map<String, Entry> entries) {
    this.file = file;
    this.dataStart = dataStart;
    this.entries = Collections.unmodifiableMap(entries);
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
      long headerBytes = read(channel, 0, Long.BYTES).getLong();
      if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, fileBytes - Long.BYTES)) {
        throw malformed(
            file,
            "it claims a header of %s bytes in a file of %d",
            Long.toUnsignedString(headerBytes),
            fileBytes);
      }
      byte[] header = read(channel, Long.BYTES, (int) headerBytes).array();
      long dataStart = Long.BYTES + headerBytes;
      return new Safetensors(file, dataStart, parse(file, header, fileBytes - dataStart));
    }
  }

  /** Returns the tensors' names, in the header's order. */
  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * Returns how a tensor's values are stored.
   *
   * @throws IOException if the file holds no such tensor
   */
  public Type type(String name) throws IOException {
    return entry(name).type();
  }

  /**
   * Returns the extent of each dimension of a tensor.
   *
   * @throws IOException if the file holds no such tensor
   */
  public List<Long> shape(String name) throws IOException {
    return entry(name).shape();
  }

  /**
   * Maps a tensor's values: a read-only little-endian buffer from position 0.
   *
   * @throws IOException if the file holds no such tensor, or it is larger than 2 GiB
   */
  public ByteBuffer data(String name) throws IOException {
    Entry entry = entry(name);
    long bytes = entry.end() - entry.begin();
    if (bytes > Integer.MAX_VALUE) {
      throw new IOException(
          "tensor '" + name + "' of " + file + " is larger than 2 GiB, the most that can be read");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, dataStart + entry.begin(), bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /**
   * Copies the values of an F32 tensor, in row-major order.
   *
   * @throws IOException if the file holds no such tensor of floats
   */
  public float[] floats(String name) throws IOException {
    if (type(name) != Type.F32) {
      throw new IOException(
          "tensor '" + name + "' of " + file + " holds " + type(name) + ", not F32");
    }
    ByteBuffer data = data(name);
    float[] values = new float[data.remaining() / Float.BYTES];
    data.asFloatBuffer().get(values);
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
        writer.write(tensor.getKey(), tensor.getValue().data().get().duplicate());
      }
      writer.publish();
    }
  }

  private Entry entry(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IOException(file + " holds no tensor '" + name + "'");
    }
    return entry;
  }

  private static Map<String, Entry> parse(Path file, byte[] header, long dataBytes)
      throws IOException {
    JsonNode root;
    try {
      root = MAPPER.readTree(header);
    } catch (JacksonException e) {
      throw malformed(file, "its header is not JSON: %s", e.getOriginalMessage());
    }
    if (!(root instanceof ObjectNode)) {
      throw malformed(file, "its header is not a JSON object");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals(METADATA)) {
        entries.put(field.getKey(), parse(file, field.getKey(), field.getValue()));
      }
    }
    checkThatTheyCover(file, entries, dataBytes);
    return entries;
  }

  private static Entry parse(Path file, String name, JsonNode node) throws IOException {
    Type type;
    try {
      type = Type.valueOf(node.path("dtype").asText());
    } catch (IllegalArgumentException e) {
      throw malformed(
          file,
          "tensor '%s' has type '%s', and only those of %s are read",
          name,
          node.path("dtype").asText(),
          Arrays.toString(Type.values()));
    }
    List<Long> shape = longs(node.path("shape"));
    List<Long> offsets = longs(node.path("data_offsets"));
    if (shape == null || offsets == null || offsets.size() != 2) {
      throw malformed(file, "tensor '%s' lacks a valid shape or data_offsets", name);
    }
    Entry entry = new Entry(type, shape, offsets.get(0), offsets.get(1));
    long wanted;
    try {
      wanted = new Tensor(type, shape).bytes();
    } catch (ArithmeticException e) {
      throw malformed(file, "tensor '%s' has the impossible shape %s", name, shape);
    }
    if (entry.end() - entry.begin() != wanted) {
      throw malformed(
          file,
          "tensor '%s' spans bytes %d to %d, its shape %s takes %d",
          name,
          entry.begin(),
          entry.end(),
          shape,
          wanted);
    }
    return entry;
  }

  /** Returns an array of non-negative integers, or null if the node is none. */
  private static List<Long> longs(JsonNode node) {
    if (!(node instanceof ArrayNode)) {
      return null;
    }
    List<Long> values = new ArrayList<>(node.size());
    for (JsonNode each : node) {
      if (!each.isIntegralNumber() || !each.canConvertToLong() || each.longValue() < 0) {
        return null;
      }
      values.add(each.longValue());
    }
    return Collections.unmodifiableList(values);
  }

  /** Checks that the tensors follow each other without gap or overlap and end with the file. */
  private static void checkThatTheyCover(Path file, Map<String, Entry> entries, long dataBytes)
      throws IOException {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : inOrder) {
      if (entry.begin() != at) {
        throw malformed(file, "its tensors overlap or leave a gap at byte %d", at);
      }
      at = entry.end();
    }
    if (at != dataBytes) {
      throw malformed(file, "its tensors take %d bytes, the file has %d for them", at, dataBytes);
    }
  }

  /** Returns what stands before the tensors: the length of the header and the header. */
  static ByteBuffer start(Map<String, Tensor> tensors) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.putObject(METADATA).put("format", "pt"); // Python readers ask for it
    long at = 0;
    for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
      Tensor tensor = each.getValue();
      ObjectNode node = root.putObject(each.getKey());
      node.put("dtype", tensor.type().name());
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      node.putArray("data_offsets").add(at).add(at + tensor.bytes());
      at += tensor.bytes();
    }
    byte[] json = MAPPER.writeValueAsBytes(root);
    // Spaces up to a multiple of 8 align the tensors.
    byte[] header = Arrays.copyOf(json, (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    Arrays.fill(header, json.length, header.length, (byte) ' ');
    return ByteBuffer.allocate(Long.BYTES + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .flip();
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file was cut short while it was read");
      }
    }
    return buffer.flip();
  }

  private static IOException malformed(Path file, String format, Object... arguments) {
    return new IOException(
        file + " is not a safetensors file: " + String.format(Locale.ROOT, format, arguments));
  }
}
