package io.scone.cli;

import io.scone.inference.Bundle;
import io.scone.inference.Generation;
import io.scone.inference.Generator;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.inference.Sampling;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone generate}: a model continues a prompt. */
@Command(
    name = "generate",
    description = "Continues a prompt; the text appears as it is generated.")
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ModelOptions options;

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "The text to continue.")
  private String prompt;

  @Option(
      names = "--max-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "The most tokens to generate.")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "What logits are divided by; 0 takes the likeliest token always.")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Choose among this many of the likeliest tokens; 0 for all.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Choose among the likeliest tokens whose probabilities come to this.")
  private double topP;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "The same seed gives the same text.")
  private long seed;

  @Override
  public Integer call() throws IOException {
    Sampling sampling = sampling();
    Bundle bundle = options.openBundle();
    Console console = common.console();
    try (Tokenizer tokenizer = Tokenizers.load(bundle.tokenizer());
        RowSource rows = options.openRows(bundle);
        MainModel model = MainModel.open(bundle, options.threads())) {
      Generation generation =
          new Generator(model, rows, tokenizer)
              .generate(prompt, maxTokens, sampling, console::stream);
      console.line("");
      if (console.isJson()) {
        console.json(toJson(generation));
      }
    }
    return 0;
  }

  private Sampling sampling() {
    try {
      return new Sampling(temperature, topK, topP, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Map<String, Object> toJson(Generation generation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("prompt", prompt);
    json.put("text", generation.text());
    json.put("stop_reason", generation.stopReason().name().toLowerCase(Locale.ROOT));
    json.put("prompt_tokens", generation.promptTokens());
    json.put("generated_tokens", generation.tokens().size());
    json.put("tokens", generation.tokens());
    json.put("matches", generation.matches());
    json.put("prefill_seconds", generation.prefill().toNanos() / 1e9);
    json.put("decode_seconds", generation.decode().toNanos() / 1e9);
    return json;
  }
}
