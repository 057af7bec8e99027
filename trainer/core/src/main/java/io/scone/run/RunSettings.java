package io.scone.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.training.ModelConfig;
import io.scone.training.RunOptions;
import io.scone.training.TrainingConfig;
import io.scone.training.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of a training run, in the sections data, model, fgram, training and inference; each
 * with where it is from. Immutable.
 *
 * <p>They begin with the defaults; a preset, a file and overrides are laid over them. An unknown
 * key and a value of a wrong type are an {@link IllegalArgumentException} in one sentence. In a
 * baseline the section fgram is the word {@code none}.
 */
public final class RunSettings {
  private static final String NONE = "none";
  private static final String DEFAULT = "default";
  private static final String FGRAM = Section.FGRAM.name();
  private static final int HEAD_DIM = 64;
  private static final long MAX_WARMUP = 1000;
  private static final int COMMENT_COLUMN = 40;
  private static final Map<String, Section.Key> KEYS = keys();
  private final Map<String, Setting> settings;
  private final boolean baseline;

  private RunSettings(Map<String, Setting> settings, boolean baseline) {
    this.settings = Collections.unmodifiableMap(settings);
    this.baseline = baseline;
  }

  /** A value and, in words, where it is from. */
  private record Setting(JsonNode value, String source) {}

  /** Returns the settings of a run that is told nothing. */
  public static RunSettings defaults() {
    Map<String, Setting> settings = new LinkedHashMap<>();
    KEYS.forEach((name, key) -> settings.put(name, new Setting(key.byDefault(), DEFAULT)));
    return new RunSettings(settings, false);
  }

  /** Returns these settings under those of a preset. */
  public RunSettings preset(String name) {
    return with(Presets.get(name), "preset " + name);
  }

  /**
   * Returns these settings under those of a YAML file.
   *
   * @throws IOException if the file cannot be read
   */
  public RunSettings file(Path file) throws IOException {
    JsonNode tree = YamlFile.read(file);
    try {
      return with(tree, file.toString());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** Returns these settings with another value for one, given as {@code section.key=value}. */
  public RunSettings override(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException("'" + assignment + "' is no setting: give key=value");
    }
    String name = assignment.substring(0, equals);
    String text = assignment.substring(equals + 1);
    if (name.equals(FGRAM) && text.equals(NONE)) {
      return baseline();
    }
    return with(name, Values.ofText(text, key(name).type()), "command line");
  }

  /** Returns these settings for the same main model without f-grams. */
  public RunSettings baseline() {
    return new RunSettings(settings, true);
  }

  /** Says whether the run has no f-grams. */
  public boolean isBaseline() {
    return baseline;
  }

  /** Says whether a key takes a list, whose elements are parted by commas. */
  static boolean isList(String name) {
    return key(name).type().isCollectionLikeType();
  }

  /** Says whether all values are those of other settings, wherever they are from. */
  boolean hasValuesOf(RunSettings other) {
    return baseline == other.baseline
        && settings.entrySet().stream()
            .allMatch(
                setting ->
                    setting
                        .getValue()
                        .value()
                        .equals(other.settings.get(setting.getKey()).value()));
  }

  /** Returns what to train on. */
  public DataConfig data() {
    return bind(Section.DATA, DataConfig.class, Map.of());
  }

  /** Returns how the run is carried out. */
  public RunOptions options() {
    return bind(Section.TRAINING, RunOptions.class, Map.of());
  }

  /** Returns the directory of what the main model starts from; null if its weights are drawn. */
  public String mainInit() {
    return bind(Section.MODEL, InitConfig.class, Map.of()).initFrom();
  }

  /** Returns the directory of what the f-gram model starts from; null if there is none. */
  public String fgramInit() {
    return baseline ? null : bind(Section.FGRAM, InitConfig.class, Map.of()).initFrom();
  }

  /** Returns what the models are exported as. */
  public InferenceConfig inference() {
    return bind(Section.INFERENCE, InferenceConfig.class, Map.of());
  }

  /** Returns the recipe; only of settings that are {@link #resolve resolved}. */
  public TrainingConfig recipe() {
    return bind(Section.TRAINING, TrainingConfig.class, Map.of());
  }

  /** Returns the models' shapes for the data; only of settings that are resolved. */
  public ModelConfig model(TrainingData data) {
    int maxNgram = baseline ? 0 : data.fgrams().maxNgram();
    return model(data.corpus().vocabularySize(), maxNgram);
  }

  /**
   * Checks what can be checked before there is any data.
   *
   * @param processes how many are to train together
   * @throws IllegalArgumentException if a value is out of its bounds or does not fit another
   */
  public void check(int processes) {
    if (data().corpus().isEmpty()) {
      throw new IllegalArgumentException("name the text to learn: data.corpus=PATH");
    }
    RunSettings resolved = resolve(1L << 40); // more steps than any warm-up
    resolved.model(1, data().maxN());
    resolved.recipe().checkProcesses(processes);
    options();
    inference();
  }

  /** Returns these settings with those that follow from others and from the data filled in. */
  public RunSettings resolve(TrainingData data) {
    int context = settings.get("model.context").value().intValue();
    int batch = settings.get("training.batch").value().intValue();
    int accumulation = settings.get("training.accumulation").value().intValue();
    double steps = data().epochs() * data.stepsPerEpoch(context, batch, accumulation);
    return resolve(Math.max(1, Math.round(steps)));
  }

  private RunSettings resolve(long stepsOfEpochs) {
    RunSettings shaped =
        derive("model.heads", heads("model.dim")).derive("training.steps", stepsOfEpochs);
    long fgramHeads = // of the main model's width, the main model's
        number("fgram.dim") > 0 ? heads("fgram.dim") : shaped.number("model.heads");
    long steps = shaped.number("training.steps");
    return shaped
        .derive("fgram.heads", fgramHeads)
        .derive("training.warmup_steps", Math.min(MAX_WARMUP, steps / 10));
  }

  private long heads(String dim) {
    return Math.max(1, number(dim) / HEAD_DIM);
  }

  private long number(String name) {
    return settings.get(name).value().longValue();
  }

  /** Returns the settings as YAML that {@link #file} takes. */
  public String toYaml() {
    StringBuilder yaml = new StringBuilder();
    for (Section section : Section.ALL) {
      if (baseline && section.equals(Section.FGRAM)) {
        yaml.append(FGRAM).append(": ").append(NONE).append('\n');
        continue;
      }
      yaml.append(section.name()).append(":\n");
      for (String key : section.keys().keySet()) {
        Setting setting = settings.get(section.name() + "." + key);
        String line = "  " + key + ": " + Values.yaml(setting.value());
        String padding = " ".repeat(Math.max(2, COMMENT_COLUMN - line.length()));
        yaml.append(line).append(padding).append("# ").append(setting.source()).append('\n');
      }
    }
    return yaml.toString();
  }

  private ModelConfig model(int vocabularySize, int maxNgram) {
    return new ModelConfig(
        bind(Section.MODEL, ModelConfig.Main.class, Map.of("vocabulary_size", vocabularySize)),
        baseline
            ? null
            : bind(Section.FGRAM, ModelConfig.Fgram.class, Map.of("max_ngram", maxNgram)));
  }

  private <T extends Record> T bind(Section section, Class<T> type, Map<String, Integer> others) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (String key : Section.keysOf(type)) {
      Setting setting = settings.get(section.name() + "." + key);
      values.set(key, setting == null ? null : setting.value());
    }
    others.forEach(values::put);
    return Values.bind(values, type);
  }

  private RunSettings with(JsonNode sections, String source) {
    if (!sections.isObject()) {
      throw new IllegalArgumentException("it must hold settings by section");
    }
    RunSettings result = this;
    List<String> known = Section.ALL.stream().map(Section::name).toList();
    for (Map.Entry<String, JsonNode> section : sections.properties()) {
      String name = section.getKey();
      JsonNode values = section.getValue();
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is no section '" + name + "'" + NearestName.suggest(name, known));
      }
      if (name.equals(FGRAM) && values.asText().equals(NONE)) {
        result = result.baseline();
      } else if (values.isObject()) {
        for (Map.Entry<String, JsonNode> value : values.properties()) {
          result = result.with(name + "." + value.getKey(), value.getValue(), source);
        }
      } else if (!values.isNull()) {
        throw new IllegalArgumentException("the section " + name + " must hold settings by name");
      }
    }
    return result;
  }

  private RunSettings with(String name, JsonNode value, String source) {
    Section.Key key = key(name);
    if (value.isNull() && !key.isOptional()) {
      throw new IllegalArgumentException(name + " must have a value");
    }
    JsonNode normal = value.isNull() ? value : Values.normal(name, value, key.type());
    Map<String, Setting> changed = new LinkedHashMap<>(settings);
    changed.put(name, new Setting(normal, source));
    return new RunSettings(changed, baseline);
  }

  /**
   * Returns these settings with a number that a trained model says, in the place of the default.
   *
   * @param from the model's directory
   * @throws IllegalArgumentException if the setting has another value
   */
  RunSettings exactly(String name, long value, String from) {
    boolean same = name.equals("fgram.dim") && number(name) == 0 && number("model.dim") == value;
    return fit(
        name, JsonNodeFactory.instance.numberNode(value), from, same || number(name) == value);
  }

  /** Returns these settings as {@link #exactly} does, but a lower number may stay. */
  RunSettings atMost(String name, long value, String from) {
    return fit(name, JsonNodeFactory.instance.numberNode(value), from, number(name) <= value);
  }

  /**
   * Returns these settings as {@link #exactly} does, with how a trained f-gram model makes rows.
   */
  RunSettings combine(ModelConfig.Combine combine, String from) {
    String name = "fgram.combine";
    JsonNode value = JsonNodeFactory.instance.textNode(combine.toString());
    return fit(name, value, from, settings.get(name).value().equals(value));
  }

  private RunSettings fit(String name, JsonNode value, String from, boolean fits) {
    Setting setting = settings.get(name);
    if (setting.value().isNull() || setting.source().equals(DEFAULT)) {
      return with(name, value, from);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s is %s (%s), and the model to start from, %s, has %s: leave the setting out"
              .formatted(name, setting.value().asText(), setting.source(), from, value.asText()));
    }
    return this;
  }

  /** Returns these settings with the tokenizer of a trained model. */
  RunSettings tokenizer(String path, String from) {
    return with("data.tokenizer", JsonNodeFactory.instance.textNode(path), from);
  }

  /** Returns these settings with one that has no value yet filled in. */
  private RunSettings derive(String name, long value) {
    return settings.get(name).value().isNull()
        ? with(name, JsonNodeFactory.instance.numberNode(value), "derived")
        : this;
  }

  private static Section.Key key(String name) {
    Section.Key key = KEYS.get(name);
    if (key == null) {
      throw new IllegalArgumentException(
          "there is no setting '" + name + "'" + NearestName.suggest(name, KEYS.keySet()));
    }
    return key;
  }

  private static Map<String, Section.Key> keys() {
    Map<String, Section.Key> keys = new LinkedHashMap<>();
    for (Section section : Section.ALL) {
      section.keys().forEach((name, key) -> keys.put(section.name() + "." + name, key));
    }
    return Collections.unmodifiableMap(keys);
  }
}
