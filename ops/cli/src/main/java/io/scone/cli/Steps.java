package io.scone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.files.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The commands that lead from one product to the next, in one directory.
 *
 * <p>A product comes to be whole or not at all. A command whose product is there is not run again;
 * what it printed the first time is kept beside it.
 */
final class Steps {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path directory;
  private final PrintWriter log;

  /**
   * Makes the steps.
   *
   * @param directory where the products lie
   * @param log shows each command as one would type it
   */
  Steps(Path directory, PrintWriter log) {
    this.directory = directory;
    this.log = log;
  }

  /** Returns the path of a product, as a word of a command. */
  String at(String product) {
    return directory.resolve(product).toString();
  }

  /**
   * Runs a command that makes a product in its {@code --out}, unless the product is there.
   *
   * @return what the command printed as JSON
   */
  JsonNode make(String product, String... command) throws IOException {
    Path result = directory.resolve("results").resolve(product.replace('/', '-') + ".json");
    if (Files.exists(directory.resolve(product)) && Files.exists(result)) {
      return JSON.readTree(result.toFile());
    }
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("--out", at(product)));
    JsonNode printed = run(words.toArray(String[]::new));
    Files.createDirectories(result.getParent());
    AtomicFiles.write(result, JSON.writeValueAsBytes(printed));
    return printed;
  }

  /** Runs a command and returns what it printed as JSON. */
  JsonNode run(String... command) throws IOException {
    log.println(
        "$ scone " + Arrays.stream(command).map(Steps::quoted).collect(Collectors.joining(" ")));
    log.flush();
    String[] words = new String[command.length + 1];
    System.arraycopy(command, 0, words, 0, command.length);
    words[command.length] = "--json";
    StringWriter out = new StringWriter();
    if (Scone.execute(new PrintWriter(out), log, words) != 0) {
      throw new IOException("the command above failed; start again to go on from there");
    }
    return JSON.readTree(out.toString());
  }

  /** Returns a word as one types it in a shell. */
  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
