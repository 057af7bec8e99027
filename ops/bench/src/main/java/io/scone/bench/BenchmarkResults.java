package io.scone.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;

/** What a benchmark measured, as a file of JSON whose names are in snake case. */
public interface BenchmarkResults {
  /** The way between results and their file. */
  JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** Returns them as a tree of JSON. */
  default JsonNode toJson() {
    return JSON.valueToTree(this);
  }

  /** Writes the file, whole or not at all. */
  default void write(Path file) throws IOException {
    AtomicFiles.write(file, JSON.writeValueAsBytes(this));
  }
}
