package io.scone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.corpus.Documents;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The whole way from text to a served model, by the commands that one would type. */
final class Quickstart {
  /** Where the products of the reader's first try lie, in the quickstart's directory. */
  static final String BUNDLE = "model";

  static final String TABLE = BUNDLE + "/table";

  /** The text that everything else is made from. */
  static final String TRAIN = "train.jsonl";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String FGRAMS = "fgrams.bin";
  private static final String RUN = "run";
  private static final String BASELINE = "baseline";

  private final Path directory;
  private final Size size;
  private final PrintWriter log;
  private final Steps steps;

  /**
   * Makes a quickstart.
   *
   * @param directory where all products lie
   * @param log shows the commands as they run
   */
  Quickstart(Path directory, Size size, PrintWriter log) {
    this.directory = directory;
    this.size = size;
    this.log = log;
    this.steps = new Steps(directory, log);
  }

  /** How much is read, mined and learnt. */
  enum Size {
    /** What a few minutes on two cores allow. */
    FULL(20_000_000, 4096, 200_000, "quickstart", 128),
    /** What shows in a minute that every part works. */
    SMALL(2_000_000, 2048, 20_000, "quickstart-small", 64);

    private final long characters;
    private final int vocabulary;
    private final int fgrams;
    private final String preset;
    private final int context;

    Size(long characters, int vocabulary, int fgrams, String preset, int context) {
      this.characters = characters;
      this.vocabulary = vocabulary;
      this.fgrams = fgrams;
      this.preset = preset;
      this.context = context;
    }
  }

  /**
   * Goes the whole way.
   *
   * @param corpus the reader's own text, or null for the sources of Java libraries
   * @param prompt what the model is to continue
   * @param compare also train the same main model without f-grams
   * @return what came of it, by the names of the JSON result
   */
  Map<String, Object> run(Path corpus, String prompt, boolean compare)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Files.createDirectories(directory);
    part(corpus);
    learnTokens();
    JsonNode mined = mine();
    JsonNode trained = train(RUN, "data.fgrams=" + steps.at(FGRAMS));
    JsonNode baseline = compare ? train(BASELINE, "--baseline") : null;
    export();
    JsonNode computed = steps.make(TABLE, "precompute", "--bundle", steps.at(BUNDLE));

    Map<String, Object> result = new LinkedHashMap<>();
    result.put("corpus_tokens", mined.path("tokens").asLong());
    result.put("fgrams", mined.path("fgrams").asLong());
    try (DaemonProcess server =
        DaemonProcess.start(
            directory.resolve(TABLE), directory.resolve("cache-server.log"), List.of())) {
      log.println("# a cache server of its own serves the table on " + server.address());
      evaluate(server, result);
      if (baseline != null) {
        result.put("perplexity_baseline", baseline.path("validation_perplexity").asDouble());
      }
      result.put("training_tokens_per_second", trained.path("tokens_per_second").asDouble());
      result.put(
          "rows_per_second",
          computed.path("rows").asDouble() / computed.path("seconds").asDouble());
      generate(server, prompt, result);
    }
    result.put("seconds", Outputs.secondsSince(begun));
    return result;
  }

  private void part(Path corpus) throws IOException, InterruptedException {
    Path train = directory.resolve(TRAIN);
    Path heldOut = directory.resolve("held-out.jsonl");
    if (Files.exists(train) && Files.exists(heldOut)) {
      return;
    }
    Path text = corpus;
    if (text == null) {
      Path checkout = checkout();
      log.println("# fetching the sources of some Java libraries from Maven Central");
      text = directory.resolve("corpus.jsonl");
      JavaSources.fetch(checkout, directory.resolve("sources"), text);
    }
    HeldOut.split(Documents.of(List.of(text)), size.characters, train, heldOut);
  }

  /** Returns the root of the checkout, which the launcher names. */
  private static Path checkout() throws IOException {
    String home = System.getProperty("scone.home");
    if (home == null) {
      throw new IOException(
          "the quickstart's corpus is fetched from a checkout: start ops/bin/scone there, or give"
              + " your own text with --corpus");
    }
    return Path.of(home);
  }

  private void learnTokens() throws IOException {
    steps.make(
        TOKENIZER,
        "tokenizer",
        "train",
        "--corpus",
        steps.at(TRAIN),
        "--vocabulary",
        Integer.toString(size.vocabulary));
    for (String part : List.of("train", "held-out")) {
      steps.make(
          part + ".tokens",
          "tokenizer",
          "encode",
          "--corpus",
          steps.at(part + ".jsonl"),
          "--tokenizer",
          steps.at(TOKENIZER));
    }
  }

  private JsonNode mine() throws IOException {
    return steps.make(
        FGRAMS,
        "mine",
        "--corpus",
        steps.at("train.tokens"),
        "--size",
        Integer.toString(size.fgrams));
  }

  private JsonNode train(String product, String fgrams) throws IOException {
    return steps.make(
        product,
        "train",
        size.preset,
        "data.corpus=" + steps.at("train.tokens"),
        "data.validation=" + steps.at("held-out.tokens"),
        fgrams,
        "--resume");
  }

  private void export() throws IOException {
    steps.make(
        BUNDLE,
        "export",
        "--checkpoint",
        steps.at(RUN),
        "--tokenizer",
        steps.at(TOKENIZER),
        "--fgrams",
        steps.at(FGRAMS));
  }

  private void evaluate(DaemonProcess server, Map<String, Object> result) throws IOException {
    // Windows that do not overlap: what training's validation, and so the baseline, is measured on.
    JsonNode evaluations =
        steps.run(
            "evaluate",
            "--model",
            steps.at(BUNDLE),
            "--server",
            server.address(),
            "--corpus",
            steps.at("held-out.tokens"),
            "--stride",
            Integer.toString(size.context));
    JsonNode on = evaluations.path(0);
    JsonNode off = evaluations.path(1);
    result.put("match_rate", on.path("match_rate").asDouble());
    result.put("mean_match_length", on.path("mean_match_length").asDouble());
    result.put("perplexity", on.path("token_perplexity").asDouble());
    result.put("perplexity_table_off", off.path("token_perplexity").asDouble());
  }

  private void generate(DaemonProcess server, String prompt, Map<String, Object> result)
      throws IOException {
    JsonNode generated =
        steps.run(
            "generate",
            "--model",
            steps.at(BUNDLE),
            "--server",
            server.address(),
            "--prompt",
            prompt,
            "--max-tokens",
            Integer.toString(size.context / 2),
            "--temperature",
            "0.7",
            "--top-p",
            "0.9");
    result.put(
        "tokens_per_second",
        generated.path("generated_tokens").asInt() / generated.path("decode_seconds").asDouble());
    result.put("sample", prompt + generated.path("text").asText());
  }
}
