package io.scone.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run's `log.jsonl`: one JSON object a line, each with the step it was taken at. Their numbers go
 * into an event file for TensorBoard too.
 */
final class TrainingLog {
  static final String FILE = "log.jsonl";

  private static final String STEP = "step";
  private static final JsonMapper MAPPER =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Path file;
  private final EventFile events;

  /** Opens a run's log and drops what lies after a step: it is about to be done again. */
  TrainingLog(Path run, long step) throws IOException {
    file = run.resolve(FILE);
    List<String> kept = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        if (isUpTo(step, line)) {
          kept.add(line);
        }
      }
    }
    Files.write(AtomicFiles.temporary(file), kept);
    AtomicFiles.publish(file);
    events = EventFile.begin(run, step);
  }

  /** Adds a line. */
  void add(long step, Map<String, ?> values) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(STEP, step);
    line.putAll(values);
    Files.writeString(file, MAPPER.writeValueAsString(line) + "\n", StandardOpenOption.APPEND);
    events.add(step, scalars(line));
  }

  /** Returns the lines of a run's log; none if it has none. */
  static List<JsonNode> read(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    if (Files.exists(run.resolve(FILE))) {
      for (String line : Files.readAllLines(run.resolve(FILE))) {
        lines.add(MAPPER.readTree(line));
      }
    }
    return lines;
  }

  /** Returns the numbers of a line by what TensorBoard calls them: `training/loss`. */
  private static Map<String, Double> scalars(Map<String, ?> line) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    JsonNode tree = MAPPER.valueToTree(line);
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      if (entry.getValue().isNumber() && !entry.getKey().equals(STEP)) {
        scalars.put("training/" + entry.getKey(), entry.getValue().doubleValue());
      }
      for (Map.Entry<String, JsonNode> part : entry.getValue().properties()) {
        if (part.getValue().isNumber()) {
          scalars.put(entry.getKey() + "/" + part.getKey(), part.getValue().doubleValue());
        }
      }
    }
    return scalars;
  }

  /** Says whether a line belongs before the end of a step; one that was cut short does not. */
  private static boolean isUpTo(long step, String line) {
    try {
      return MAPPER.readTree(line).path(STEP).asLong(Long.MAX_VALUE) <= step;
    } catch (JacksonException e) {
      return false;
    }
  }
}
