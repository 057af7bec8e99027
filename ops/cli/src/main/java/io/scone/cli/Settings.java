package io.scone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.scone.run.NearestName;
import io.scone.run.YamlFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The settings that stand behind the options of the command line: the environment, then a YAML
 * file.
 *
 * <p>The option {@code --max-ngram} of {@code scone mine} is {@code SCONE_MINE_MAX_NGRAM} in the
 * environment and {@code max-ngram} under {@code mine} in the file. A setting that no option reads
 * is an error: a typing mistake must not pass for a default.
 */
final class Settings implements IDefaultValueProvider {
  private static final String CONFIG_OPTION = "--config";
  private static final String CONFIG_VARIABLE = "SCONE_CONFIG";

  /** Variables that the launcher reads. */
  private static final Set<String> OTHER_VARIABLES = Set.of(CONFIG_VARIABLE, "SCONE_JAVA_OPTS");

  private final Map<String, String> environment;
  private final String fileName;
  private final JsonNode file;

  private Settings(Map<String, String> environment, String fileName, JsonNode file) {
    this.environment = environment;
    this.fileName = fileName;
    this.file = file;
  }

  /**
   * A value that an option takes from the environment or the file.
   *
   * @param text the value as one would type it
   * @param source where it is from, in words
   */
  record Value(String text, String source) {}

  /**
   * Reads the settings and checks that each has its option.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if a setting is unknown
   */
  static Settings load(String[] arguments, Map<String, String> environment, CommandSpec root)
      throws IOException {
    checkEnvironment(environment, root);
    String name = configFile(arguments, environment, root);
    if (name == null) {
      return new Settings(environment, null, MissingNode.getInstance());
    }
    Path path = Path.of(name);
    JsonNode file = YamlFile.read(path);
    checkFile(file, root, path, "");
    return new Settings(environment, name, file);
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    Value value = argument instanceof OptionSpec option ? find(option) : null;
    return value == null ? null : value.text();
  }

  /** Returns the value behind an option, or null where there is none. */
  Value find(OptionSpec option) {
    String variable = variable(option.command(), option);
    if (environment.containsKey(variable)) {
      return new Value(environment.get(variable), "environment " + variable);
    }
    JsonNode value = section(option.command()).path(key(option));
    if (value.isArray()) {
      StringJoiner joined = new StringJoiner(",");
      value.forEach(element -> joined.add(element.asText()));
      return new Value(joined.toString(), fileName);
    }
    return value.isValueNode() && !value.isNull() ? new Value(value.asText(), fileName) : null;
  }

  private JsonNode section(CommandSpec command) {
    return command.parent() == null ? file : section(command.parent()).path(command.name());
  }

  private static String configFile(
      String[] arguments, Map<String, String> environment, CommandSpec root) {
    for (int i = 0; i < arguments.length && !hasOwnConfig(arguments[0], root); i++) {
      if (arguments[i].equals(CONFIG_OPTION) && i + 1 < arguments.length) {
        return arguments[i + 1];
      }
      if (arguments[i].startsWith(CONFIG_OPTION + "=")) {
        return arguments[i].substring(CONFIG_OPTION.length() + 1);
      }
    }
    return environment.get(CONFIG_VARIABLE);
  }

  private static boolean hasOwnConfig(String command, CommandSpec root) {
    CommandLine line = root.subcommands().get(command);
    return line != null && line.getCommand() instanceof OwnConfig;
  }

  private static void checkEnvironment(Map<String, String> environment, CommandSpec root) {
    Set<String> known = new TreeSet<>(OTHER_VARIABLES);
    collectVariables(root, known);
    for (String variable : environment.keySet()) {
      if (variable.startsWith("SCONE_") && !known.contains(variable)) {
        throw new IllegalArgumentException(
            "no option reads the environment variable "
                + variable
                + NearestName.suggest(variable, known));
      }
    }
  }

  private static void collectVariables(CommandSpec command, Set<String> into) {
    command.options().forEach(option -> into.add(variable(command, option)));
    command.subcommands().values().forEach(line -> collectVariables(line.getCommandSpec(), into));
  }

  private static void checkFile(JsonNode node, CommandSpec command, Path path, String prefix) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          path
              + ": "
              + (prefix.isEmpty() ? "the file" : prefix.substring(0, prefix.length() - 1))
              + " must hold settings by name");
    }
    Set<String> known = new TreeSet<>(command.subcommands().keySet());
    command.options().forEach(option -> known.add(key(option)));
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String name = field.getKey();
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            path + ": no option reads '" + prefix + name + "'" + NearestName.suggest(name, known));
      }
      if (command.subcommands().containsKey(name)) {
        CommandSpec subcommand = command.subcommands().get(name).getCommandSpec();
        checkFile(field.getValue(), subcommand, path, prefix + name + ".");
      }
    }
  }

  private static String variable(CommandSpec command, OptionSpec option) {
    String name = command.qualifiedName("_") + "_" + key(option);
    return name.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** Returns the name of an option in the file. */
  static String key(OptionSpec option) {
    return option.longestName().replaceFirst("^-+", "");
  }
}
