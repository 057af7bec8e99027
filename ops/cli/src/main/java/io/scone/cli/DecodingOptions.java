package io.scone.cli;

import io.scone.generation.Beams;
import io.scone.generation.GenerationOptions;
import io.scone.generation.Sampling;
import io.scone.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How text is continued; a mixin. */
final class DecodingOptions {
  /** When a beam search ends, by the names of Hugging Face's early_stopping. */
  private enum EarlyStopping {
    TRUE(Beams.EarlyStopping.FULL),
    FALSE(Beams.EarlyStopping.HEURISTIC),
    NEVER(Beams.EarlyStopping.NEVER);

    private final Beams.EarlyStopping meaning;

    EarlyStopping(Beams.EarlyStopping meaning) {
      this.meaning = meaning;
    }

    /** Returns the name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--max-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "The most tokens to generate.")
  private int maxTokens;

  @Option(
      names = "--min-tokens",
      defaultValue = "0",
      paramLabel = "N",
      description = "How many tokens come before the text may end.")
  private int minTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      showDefaultValue = Visibility.NEVER,
      description = "End before this text; may be given several times.")
  private List<String> stop = List.of();

  @Option(
      names = "--sequences",
      defaultValue = "1",
      paramLabel = "N",
      description = "How many continuations of each prompt to give.")
  private int sequences;

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
      names = "--min-p",
      defaultValue = "0",
      paramLabel = "P",
      description = "Choose among tokens at least this many times as likely as the likeliest.")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "X",
      description = "Divides the logits of tokens that came before, in the prompt or after it.")
  private double repetitionPenalty;

  @Option(
      names = "--presence-penalty",
      defaultValue = "0",
      paramLabel = "X",
      description = "Taken from the logits of tokens that were generated before.")
  private double presencePenalty;

  @Option(
      names = "--frequency-penalty",
      defaultValue = "0",
      paramLabel = "X",
      description = "Taken from the logits of tokens for each time that they were generated.")
  private double frequencyPenalty;

  @Option(
      names = "--no-repeat-ngram",
      defaultValue = "0",
      paramLabel = "N",
      description = "Let no n-gram of this many tokens come twice; 0 to let them.")
  private int noRepeatNgram;

  @Option(
      names = "--bad-word",
      paramLabel = "TEXT",
      showDefaultValue = Visibility.NEVER,
      description = "Let this text not come, as its tokens are; may be given several times.")
  private List<String> badWords = List.of();

  @Option(
      names = "--logit-bias",
      split = ",",
      paramLabel = "TOKEN=X",
      showDefaultValue = Visibility.NEVER,
      description = "Add to the logit of a token.")
  private Map<Integer, Double> logitBias = Map.of();

  @Option(
      names = "--beams",
      defaultValue = "1",
      paramLabel = "N",
      description = "Search with this many beams; 1 for no search.")
  private int beams;

  @Option(
      names = "--length-penalty",
      defaultValue = "1",
      paramLabel = "X",
      description = "The power of the length that a beam's score is divided by.")
  private double lengthPenalty;

  @Option(
      names = "--early-stopping",
      defaultValue = "false",
      paramLabel = "true|false|never",
      description =
          "When a search with as many results as beams ends, as in Hugging Face's generate.")
  private EarlyStopping earlyStopping;

  @Option(
      names = "--logprobs",
      paramLabel = "N",
      description = "With --json: the log-probability of each token and of the N likeliest.")
  private Integer logprobs;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "The same seed gives the same text.")
  private long seed;

  /** Returns what the options say, once; a failure is a mistake of usage. */
  GenerationOptions options(Tokenizer tokenizer) {
    try {
      GenerationOptions.Builder options =
          GenerationOptions.builder()
              .maxTokens(maxTokens)
              .minTokens(minTokens)
              .stop(stop)
              .sequences(sequences)
              .sampling(sampling(tokenizer));
      if (beams != 1) {
        options.beams(new Beams(beams, lengthPenalty, earlyStopping.meaning));
      }
      if (logprobs != null) {
        options.logprobs(logprobs);
      }
      return options.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  private Sampling sampling(Tokenizer tokenizer) {
    List<List<Integer>> words = new ArrayList<>();
    badWords.stream()
        .flatMap(word -> Stream.of(word, " " + word)) // within a text a word follows a space
        .forEach(word -> words.add(Arrays.stream(tokenizer.encode(word)).boxed().toList()));
    return Sampling.builder()
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .minP(minP)
        .repetitionPenalty(repetitionPenalty)
        .presencePenalty(presencePenalty)
        .frequencyPenalty(frequencyPenalty)
        .noRepeatNgram(noRepeatNgram)
        .badWords(words)
        .logitBias(logitBias)
        .seed(seed)
        .build();
  }
}
