package io.scone.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The JSON header of a safetensors file.
 *
 * @param entries the tensors by name, in the header's order
 */
record SafetensorsHeader(Map<String, Entry> entries) {
  private static final String METADATA = "__metadata__";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * A tensor's form and where it lies.
   *
   * @param begin its first byte after the header
   */
  record Entry(Safetensors.Tensor form, long begin) {
    long end() {
      return begin + form.bytes();
    }
  }

  /**
   * Parses a header.
   *
   * @param dataBytes how many bytes follow it; its tensors must be exactly these
   * @throws IllegalArgumentException if it is not well formed; the message says what is wrong
   */
  static SafetensorsHeader parse(byte[] json, long dataBytes) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("its header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) { // bytes that are in no encoding of JSON
      throw new IllegalArgumentException("its header is not JSON: " + e.getMessage(), e);
    }
    check(root instanceof ObjectNode, "its header is not a JSON object");
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals(METADATA)) {
        entries.put(field.getKey(), parse(field.getKey(), field.getValue()));
      }
    }
    checkThatTheyCover(entries, dataBytes);
    return new SafetensorsHeader(Collections.unmodifiableMap(entries));
  }

  /** Returns what stands before these tensors in a file: the header's length and the header. */
  static ByteBuffer encode(Map<String, Safetensors.Tensor> tensors) throws JsonProcessingException {
    ObjectNode root = MAPPER.createObjectNode();
    root.putObject(METADATA).put("format", "pt"); // Python readers ask for it
    long at = 0;
    for (Map.Entry<String, Safetensors.Tensor> each : tensors.entrySet()) {
      Safetensors.Tensor tensor = each.getValue();
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

  private static Entry parse(String name, JsonNode node) {
    Safetensors.Type type = type(name, node.path("dtype").asText());
    List<Long> shape = longs(node.path("shape"));
    List<Long> offsets = longs(node.path("data_offsets"));
    check(
        shape != null && offsets != null && offsets.size() == 2,
        "tensor '%s' lacks a valid shape or data_offsets",
        name);
    Safetensors.Tensor form = new Safetensors.Tensor(type, shape);
    long bytes;
    try {
      bytes = form.bytes();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' has the impossible shape " + shape, e);
    }
    check(
        offsets.get(1) - offsets.get(0) == bytes,
        "tensor '%s' spans bytes %d to %d, its shape %s takes %d",
        name,
        offsets.get(0),
        offsets.get(1),
        shape,
        bytes);
    return new Entry(form, offsets.get(0));
  }

  private static Safetensors.Type type(String name, String dtype) {
    try {
      return Safetensors.Type.valueOf(dtype);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          String.format(
              "tensor '%s' has type '%s', and only those of %s are known",
              name, dtype, Arrays.toString(Safetensors.Type.values())),
          e);
    }
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
  private static void checkThatTheyCover(Map<String, Entry> entries, long dataBytes) {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : inOrder) {
      check(entry.begin() == at, "its tensors overlap or leave a gap at byte %d", at);
      at = entry.end();
    }
    check(at == dataBytes, "its tensors take %d bytes, the file has %d for them", at, dataBytes);
  }

  private static void check(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, arguments));
    }
  }
}
