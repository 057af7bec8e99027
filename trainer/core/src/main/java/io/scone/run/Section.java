package io.scone.run;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.NullNode;
import io.scone.training.ModelConfig;
import io.scone.training.RunOptions;
import io.scone.training.TrainingConfig;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A section of a run's settings. Its keys are the components of the records that take them, in
 * snake_case; their defaults are those of the records.
 *
 * @param name its name in files
 * @param defaults the records, with their defaults
 */
record Section(String name, List<Record> defaults) {
  static final Section DATA = new Section("data", List.of(DataConfig.DEFAULT));
  static final Section MODEL =
      new Section("model", List.of(ModelConfig.Main.DEFAULT, InitConfig.DEFAULT));
  static final Section FGRAM =
      new Section("fgram", List.of(ModelConfig.Fgram.DEFAULT, InitConfig.DEFAULT));
  static final Section TRAINING =
      new Section("training", List.of(TrainingConfig.DEFAULT, RunOptions.DEFAULT));
  static final Section INFERENCE = new Section("inference", List.of(InferenceConfig.DEFAULT));

  /** All sections, in order. */
  static final List<Section> ALL = List.of(DATA, MODEL, FGRAM, TRAINING, INFERENCE);

  /** What the data says: these are no settings. */
  private static final Set<String> OF_THE_DATA = Set.of("vocabulary_size", "max_ngram");

  /** What follows from other settings unless it is set. */
  private static final Set<String> DERIVED = Set.of("heads", "steps", "warmup_steps");

  /**
   * A key.
   *
   * @param type what its values are
   * @param byDefault its value unless it is set; null where that follows from others or is absent
   */
  record Key(JavaType type, JsonNode byDefault) {
    /** Says whether the key may have no value. */
    boolean isOptional() {
      return byDefault.isNull();
    }
  }

  /** Returns the keys by name, in order. */
  Map<String, Key> keys() {
    Map<String, Key> keys = new LinkedHashMap<>();
    for (Record record : defaults) {
      JsonNode values = Values.MAPPER.valueToTree(record);
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        String key = key(component);
        if (!OF_THE_DATA.contains(key)) {
          JavaType type = Values.MAPPER.constructType(component.getGenericType());
          keys.put(key, new Key(type, DERIVED.contains(key) ? NullNode.instance : values.get(key)));
        }
      }
    }
    return keys;
  }

  /** Returns the keys of one of the section's records, those that the data says included. */
  static List<String> keysOf(Class<? extends Record> record) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      keys.add(key(component));
    }
    return keys;
  }

  private static String key(RecordComponent component) {
    return PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component.getName());
  }
}
