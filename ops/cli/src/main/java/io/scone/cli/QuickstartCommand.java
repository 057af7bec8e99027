package io.scone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scone quickstart}. */
@Command(
    name = "quickstart",
    description = {
      "Shows the whole system at work on real text: learns a tokenizer, mines f-grams, trains a small"
          + " SCONE model, exports it, computes its table, serves that with a cache server, and"
          + " evaluates and generates through the server.",
      "A second run with the same directory goes on from what is there."
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final String JAVA_PROMPT = "  /**\n   * Returns the";
  private static final String SETTINGS = "quickstart.settings";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "quickstart",
      description = "Where everything is made.")
  private Path directory;

  @Option(
      names = "--corpus",
      paramLabel = "PATH",
      description = {
        "Your own text instead of Java sources: a file or a directory, plain text or JSON lines."
      })
  private Path corpus;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "What the model is to continue; the start of a Java method's comment by default.")
  private String prompt;

  @Option(
      names = "--compare",
      description = "Also train the same main model without f-grams, and show its perplexity.")
  private boolean compare;

  @Option(
      names = "--small",
      description = "Read, mine and train less: shows in a minute that every part works.")
  private boolean small;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Quickstart.Size size = small ? Quickstart.Size.SMALL : Quickstart.Size.FULL;
    pinSettings(size);
    Quickstart quickstart = new Quickstart(directory, size, spec.commandLine().getErr());
    Map<String, Object> result = quickstart.run(corpus, prompt(), compare);
    print(result);
    return 0;
  }

  private String prompt() {
    if (prompt != null) {
      return prompt;
    }
    return corpus == null ? JAVA_PROMPT : "The";
  }

  /**
   * Refuses a directory whose products other settings made: they would pass for this run's. A run
   * that came to no text has made none.
   */
  private void pinSettings(Quickstart.Size size) throws IOException {
    Path file = directory.resolve(SETTINGS);
    List<String> settings =
        List.of("size: " + size, "corpus: " + (corpus == null ? "" : corpus.toAbsolutePath()));
    if (Files.exists(directory.resolve(Quickstart.TRAIN))
        && Files.exists(file)
        && !Files.readAllLines(file).equals(settings)) {
      throw new IOException(
          directory
              + " holds a quickstart of another size or corpus; delete it, or choose another --dir");
    }
    Files.createDirectories(directory);
    Files.write(file, settings);
  }

  private void print(Map<String, Object> result) {
    Console console = common.console();
    if (console.isJson()) {
      console.json(result);
      return;
    }
    Map<String, Object> figures = new LinkedHashMap<>(result);
    Object sample = figures.remove("sample");
    console.line("");
    console.result(figures);
    console.line("\n" + sample + "\n");
    console.line("Go on:");
    String scone = "  " + System.getProperty("scone.launcher", "scone"); // as it was typed
    console.line(scone + " cache-server --table " + directory.resolve(Quickstart.TABLE));
    console.line(
        scone
            + " generate --server localhost:7411 --temperature 0.8 --model "
            + directory.resolve(Quickstart.BUNDLE)
            + " --prompt 'public static '");
  }
}
