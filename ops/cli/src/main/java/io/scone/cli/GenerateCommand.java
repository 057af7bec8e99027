package io.scone.cli;

import io.scone.generation.EngineConfig;
import io.scone.generation.Generation;
import io.scone.generation.GenerationEngine;
import io.scone.generation.GenerationOptions;
import io.scone.generation.Generator;
import io.scone.generation.TokenLogprobs;
import io.scone.inference.Bundle;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.inference.RowStatistics;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone generate}: a model continues prompts. */
@Command(
    name = "generate",
    description = {
      "Continues prompts.",
      "The text of one prompt appears as it is generated; of many prompts the texts come in order,"
          + " each after a line '--- NUMBER'."
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ModelOptions options;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      showDefaultValue = Visibility.NEVER,
      description = "The text to continue; may be given several times.")
  private List<String> prompts = List.of();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "A file of prompts: one a line, or JSON lines (.jsonl) with the field 'prompt'; - for"
              + " standard input.")
  private String promptsFile;

  @Mixin private DecodingOptions decoding;

  @Option(
      names = "--slots",
      defaultValue = "16",
      paramLabel = "N",
      description = "How many sequences are read side by side at most.")
  private int slots;

  @Option(
      names = "--statistics",
      description =
          "Say at the end, in one line on standard error, how often and how long the model waited for"
              + " rows, and why not more often.")
  private boolean statistics;

  @Override
  public Integer call() throws IOException {
    List<String> texts = prompts();
    Bundle bundle = options.openBundle();
    try (Tokenizer tokenizer = Tokenizers.load(bundle.tokenizer())) {
      GenerationOptions wanted = decoding.options(tokenizer);
      try (RowSource rows = options.openRows(bundle);
          MainModel model = options.openModel(bundle)) {
        List<int[]> tokens = encode(texts, tokenizer, model.shape().context());
        EngineConfig config = config(tokens, wanted, model.shape().context());
        try (GenerationEngine engine = GenerationEngine.start(model, rows, tokenizer, config)) {
          generate(engine, texts, tokens, wanted);
        }
      }
    }
    return 0;
  }

  private List<String> prompts() throws IOException {
    List<String> texts = new ArrayList<>(prompts);
    if (promptsFile != null) {
      texts.addAll(Prompts.read(promptsFile));
    }
    if (texts.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Say what to continue: --prompt TEXT or --prompts FILE.");
    }
    return texts;
  }

  /** Returns the prompts' tokens, of which none is too many: all are checked before any is run. */
  private static List<int[]> encode(List<String> texts, Tokenizer tokenizer, int context) {
    List<int[]> tokens = new ArrayList<>();
    for (String text : texts) {
      int[] prompt = tokenizer.encode(text);
      tokens.add(prompt);
      if (prompt.length == 0 || prompt.length > context) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "prompt %d has %,d tokens; give at least 1 and at most the model's context, %,d",
                tokens.size(),
                prompt.length,
                context));
      }
    }
    return tokens;
  }

  private EngineConfig config(List<int[]> prompts, GenerationOptions wanted, int context) {
    int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
    // The last token generated is not read.
    long capacity = Math.min(context, longest + (long) wanted.maxTokens() - 1);
    int most = prompts.size() == 1 ? wanted.width() : Math.max(slots, wanted.width());
    return EngineConfig.ofSlots(most).withCapacity((int) capacity);
  }

  private void generate(
      GenerationEngine engine, List<String> texts, List<int[]> tokens, GenerationOptions wanted) {
    Generator generator = new Generator(engine);
    Console console = common.console();
    List<Map<String, Object>> results = new ArrayList<>();
    if (tokens.size() == 1 && wanted.width() == 1) {
      Generation only = generator.generate(tokens.get(0), wanted, console::stream).get(0);
      console.line("");
      results.add(toJson(texts.get(0), only));
    } else {
      List<String> left = new ArrayList<>(texts);
      generator.generateAll(
          tokens,
          wanted,
          generations -> {
            String prompt = left.remove(0);
            for (Generation generation : generations) {
              results.add(toJson(prompt, generation));
              console.line("--- " + results.size());
              console.line(generation.text());
            }
          });
    }
    RowStatistics rows = engine.rowStatistics();
    if (console.isJson() && results.size() == 1) {
      results.get(0).put("rows", RowReport.json(rows));
      console.json(results.get(0));
    } else if (console.isJson()) {
      console.json(results);
    }
    if (statistics) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(RowReport.line(rows));
      err.flush();
    }
  }

  private static Map<String, Object> toJson(String prompt, Generation generation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("prompt", prompt);
    json.put("text", generation.text());
    json.put("stop_reason", generation.stopReason().name().toLowerCase(Locale.ROOT));
    json.put("prompt_tokens", generation.promptTokens());
    json.put("generated_tokens", generation.tokens().size());
    json.put("tokens", generation.tokens());
    if (!generation.logprobs().isEmpty()) {
      json.put("logprobs", generation.logprobs().stream().map(TokenLogprobs::logprob).toList());
      json.put("top_logprobs", generation.logprobs().stream().map(TokenLogprobs::top).toList());
    }
    if (!Double.isNaN(generation.score())) {
      json.put("score", generation.score());
    }
    json.put("matches", generation.matches());
    json.put("prefill_seconds", generation.prefill().toNanos() / 1e9);
    json.put("decode_seconds", generation.decode().toNanos() / 1e9);
    return json;
  }
}
