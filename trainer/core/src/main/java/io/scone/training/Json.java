package io.scone.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The JSON files of a checkpoint: records with snake_case keys, unknown ones refused. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Json() {}

  static <T> T read(Path file, Class<T> type) throws IOException {
    byte[] json;
    try {
      json = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(
          file.getParent() + " is not a checkpoint: it has no " + file.getFileName(), e);
    }
    try {
      return MAPPER.readValue(json, type);
    } catch (JacksonException e) {
      throw new IOException(file + " is malformed: " + reason(e), e);
    }
  }

  static void write(Path file, Object value) throws IOException {
    Files.writeString(file, MAPPER.writeValueAsString(value) + "\n");
  }

  /**
   * Returns the first difference of two values of one record type, such as {@code recipe.seed is 1,
   * not 2}, or null if they are equal.
   */
  static String difference(Object left, Object right) {
    return difference("", MAPPER.valueToTree(left), MAPPER.valueToTree(right));
  }

  private static String difference(String path, JsonNode left, JsonNode right) {
    if (left.equals(right)) {
      return null;
    }
    if (left.isObject() && right.isObject()) {
      for (Map.Entry<String, JsonNode> field : left.properties()) {
        String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
        String difference = difference(name, field.getValue(), right.path(field.getKey()));
        if (difference != null) {
          return difference;
        }
      }
    }
    return path + " is " + text(left) + ", not " + text(right);
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }

  private static String reason(JacksonException e) {
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return e.getCause().getMessage(); // a record's own check
    }
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "it has the unknown key '" + unknown.getPropertyName() + "'";
    }
    if (e instanceof MismatchedInputException mismatch && !mismatch.getPath().isEmpty()) {
      return "'"
          + mismatch.getPath().stream()
              .map(reference -> reference.getFieldName())
              .collect(Collectors.joining("."))
          + "' is missing or has the wrong type";
    }
    return e.getOriginalMessage();
  }
}
