package io.scone.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Values of settings: from text and YAML into their types, and into records. */
final class Values {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .withCoercionConfig(
              LogicalType.Integer,
              config -> config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .withCoercionConfig(
              LogicalType.Float,
              config -> config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  /** What YAML reads back as the same text without quotes. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_/.-]*");

  private static final Pattern YAML_WORD =
      Pattern.compile("(?i)y|n|yes|no|on|off|null|none|true|false");

  private Values() {}

  /** Returns what was typed as a value of a type: of a list, its elements are parted by commas. */
  static JsonNode ofText(String text, JavaType type) {
    if (text.isEmpty() || text.equals("null")) {
      return NullNode.instance;
    }
    if (!type.isCollectionLikeType()) {
      return JsonNodeFactory.instance.textNode(text);
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    Arrays.stream(text.split(",")).forEach(list::add);
    return list;
  }

  /**
   * Returns a value in the form that its type is written in.
   *
   * @param name what the value is called where it is not of the type
   */
  static JsonNode normal(String name, JsonNode value, JavaType type) {
    if (type.isCollectionLikeType() && value.isTextual()) {
      return MAPPER.createArrayNode().add(value);
    }
    try {
      Object read = MAPPER.treeToValue(value, type);
      return MAPPER.valueToTree(read);
    } catch (ValueInstantiationException e) { // the type says itself what there is
      throw new IllegalArgumentException(name + ": " + e.getCause().getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name + " must be " + description(type) + ", not " + text(value), e);
    }
  }

  /** Returns a record of values, whose own checks they must pass. */
  static <T extends Record> T bind(ObjectNode values, Class<T> type) {
    try {
      return MAPPER.treeToValue(values, type);
    } catch (ValueInstantiationException e) {
      throw new IllegalArgumentException(e.getCause().getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /** Returns a value as YAML reads it back. */
  static String yaml(JsonNode value) {
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(Values::yaml)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    boolean plain =
        value.isTextual()
            && PLAIN.matcher(value.textValue()).matches()
            && !YAML_WORD.matcher(value.textValue()).matches();
    return plain ? value.textValue() : value.toString(); // JSON is YAML
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? "'" + value.textValue() + "'" : value.toString();
  }

  private static String description(JavaType type) {
    Class<?> raw = type.getRawClass();
    if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
      return "a whole number";
    }
    if (raw == double.class || raw == Double.class) {
      return "a number";
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return "true or false";
    }
    if (raw.isEnum()) {
      return "one of "
          + Arrays.stream(raw.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    return type.isCollectionLikeType()
        ? "a list"
        : raw == String.class ? "text" : "a " + raw.getSimpleName().toLowerCase(Locale.ROOT);
  }
}
