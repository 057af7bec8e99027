package io.scone.manifest;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The JSON form of manifests: snake_case keys, all required, unknown ones refused; null only where
 * a field says that it may be.
 */
final class ManifestFile {
  static final String NAME = "manifest.json";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ManifestFile() {}

  static <T> T read(Path directory, Class<T> type, String kind) throws IOException {
    if (Files.isRegularFile(directory)) {
      throw new ManifestException(
          directory + " is a file, and a " + kind + " is a directory; name that");
    }
    Path file = directory.resolve(NAME);
    byte[] json;
    try {
      json = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ManifestException(
          directory
              + " is not a complete "
              + kind
              + ": it has no "
              + NAME
              + "; finish making it, or name another directory",
          e);
    }
    try {
      return MAPPER.readValue(json, type);
    } catch (JacksonException | CharConversionException e) {
      throw new ManifestException(file + " is not a " + kind + " manifest: " + reason(e), e);
    }
  }

  static void write(Path directory, Object manifest) throws IOException {
    Files.writeString(directory.resolve(NAME), toJson(manifest));
  }

  static String toJson(Object manifest) {
    try {
      return MAPPER.writeValueAsString(manifest) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("manifests hold only plain values", e);
    }
  }

  /** Returns what a record's own check said, or else Jackson's complaint without its position. */
  private static String reason(IOException e) {
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return e.getCause().getMessage();
    }
    // Bytes that are in no encoding of JSON are refused before Jackson parses them.
    return e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
  }
}
