package io.scone.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a JSON object that a caller sent. Each is asked for by its name and type; null
 * counts as absent. Failures are {@link ApiException}s that name the field.
 */
final class Fields {
  private final JsonNode object;
  private final String prefix;
  private final Set<String> asked = new HashSet<>();

  Fields(JsonNode object) {
    this(object, "");
  }

  private Fields(JsonNode object, String prefix) {
    this.object = object;
    this.prefix = prefix;
    if (!object.isObject()) {
      throw ApiException.invalid(
          prefix.isEmpty() ? null : prefix, name("the body") + " is not a JSON object");
    }
  }

  private String name(String whole) {
    return prefix.isEmpty() ? whole : "'" + prefix + "'";
  }

  /** Returns a field's value, missing if it is absent. */
  JsonNode any(String field) {
    asked.add(field);
    JsonNode value = object.path(field);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  boolean has(String field) {
    return !any(field).isMissingNode();
  }

  int integer(String field, int byDefault, int least, int most) {
    JsonNode value = any(field);
    if (value.isMissingNode()) {
      return byDefault;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(field, value, "an integer in " + least + " to " + most);
    }
    return value.intValue();
  }

  long seed(String field, long byDefault) {
    JsonNode value = any(field);
    if (value.isMissingNode()) {
      return byDefault;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(field, value, "an integer of 64 bits");
    }
    return value.longValue();
  }

  double number(String field, double byDefault) {
    JsonNode value = any(field);
    if (value.isMissingNode()) {
      return byDefault;
    }
    if (!value.isNumber()) {
      throw wrong(field, value, "a number");
    }
    return value.doubleValue();
  }

  boolean flag(String field) {
    JsonNode value = any(field);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw wrong(field, value, "true or false");
    }
    return value.asBoolean(false);
  }

  String text(String field) {
    JsonNode value = any(field);
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(field, value, "a string");
    }
    return value.textValue();
  }

  /** Returns the texts of a field that is a string or an array of strings. */
  List<String> texts(String field, int most) {
    JsonNode value = any(field);
    List<String> texts = new ArrayList<>();
    if (value.isTextual()) {
      texts.add(value.textValue());
    } else if (!value.isMissingNode()) {
      for (JsonNode each : value) {
        texts.add(each.isTextual() ? each.textValue() : null);
      }
      if (!value.isArray() || texts.contains(null) || texts.size() > most) {
        throw wrong(field, value, "a string or an array of at most " + most + " strings");
      }
    }
    return texts;
  }

  /** Returns an object's fields; null if there is none. */
  Fields object(String field) {
    return has(field) ? new Fields(any(field), prefix + field) : null;
  }

  /** Returns all fields by name. */
  Set<Map.Entry<String, JsonNode>> all() {
    return object.properties();
  }

  /** Refuses fields that nobody asked for: a typing mistake must not pass for a default. */
  void refuseOthers() {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!asked.contains(field.getKey())) {
        String name = prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey();
        throw ApiException.invalid(name, "there is no parameter '" + name + "'");
      }
    }
  }

  private ApiException wrong(String field, JsonNode value, String right) {
    String name = prefix.isEmpty() ? field : prefix + "." + field;
    String shown = value.isContainerNode() ? "not" : value + ", not";
    return ApiException.invalid(name, "'" + name + "' is " + shown + " " + right);
  }
}
