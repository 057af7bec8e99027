package io.scone.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.generation.GenerationOptions;
import io.scone.generation.Sampling;
import io.scone.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A request for completions, with OpenAI's parameters and some of vLLM's.
 *
 * @param prompts what to continue, each of its own
 * @param options how
 * @param sequences how many choices of each prompt to return: the likeliest of those generated
 * @param echo whether the choices begin with their prompts
 * @param stream whether to send the choices as they come
 * @param includeUsage whether a stream ends with the numbers of tokens
 */
record CompletionRequest(
    List<Prompt> prompts,
    GenerationOptions options,
    int sequences,
    boolean echo,
    boolean stream,
    boolean includeUsage) {
  private static final int DEFAULT_MAX_TOKENS = 16;
  private static final int MAX_SEQUENCES = 128;
  private static final int MAX_STOPS = 16;
  private static final int MAX_LOGPROBS = 20;
  private static final double MAX_BIAS = 100;

  /** Takes over the list. */
  CompletionRequest {
    prompts = List.copyOf(prompts);
  }

  /** A prompt as text and as tokens. */
  static final class Prompt {
    private final String text;
    private final int[] tokens;

    Prompt(String text, int[] tokens) {
      this.text = text;
      this.tokens = tokens;
    }

    String text() {
      return text;
    }

    int[] tokens() {
      return tokens;
    }
  }

  /**
   * What requests may ask for.
   *
   * @param model the model's name
   * @param context the most tokens of a prompt and its completion
   * @param prompts the most prompts
   */
  record Bounds(String model, int context, int prompts) {}

  /**
   * Reads a request.
   *
   * @throws ApiException if a parameter is wrong; it names it
   */
  static CompletionRequest read(JsonNode body, Tokenizer tokenizer, Bounds bounds) {
    Fields fields = new Fields(body);
    checkModel(fields.text("model"), bounds.model());
    refuse(fields);
    int n = fields.integer("n", 1, 1, MAX_SEQUENCES);
    int bestOf = fields.integer("best_of", n, n, MAX_SEQUENCES);
    boolean stream = fields.flag("stream");
    if (stream && bestOf > n) {
      throw ApiException.invalid(
          "best_of", "'best_of' above 'n' cannot be streamed: the best are known at the end");
    }
    boolean echo = fields.flag("echo");
    boolean includeUsage = includeUsage(fields.object("stream_options"), stream);
    GenerationOptions options = options(fields, bestOf, bestOf > n, echo);
    List<Prompt> prompts = prompts(fields.any("prompt"), tokenizer, bounds);
    fields.text("user");
    fields.refuseOthers();
    for (Prompt prompt : prompts) {
      checkLength(prompt.tokens(), options.maxTokens(), bounds.context());
    }
    return new CompletionRequest(prompts, options, n, echo, stream, includeUsage);
  }

  private static void checkModel(String asked, String served) {
    if (asked == null) {
      throw ApiException.invalid("model", "'model' is missing; the model here is '" + served + "'");
    }
    if (!asked.equals(served)) {
      throw ApiException.unknownModel(asked, served);
    }
  }

  private static void refuse(Fields fields) {
    if (fields.has("suffix")) {
      throw ApiException.invalid(
          "suffix", "'suffix' is not supported: the model continues text, it does not fill gaps");
    }
  }

  private static boolean includeUsage(Fields streamOptions, boolean stream) {
    if (streamOptions == null) {
      return false;
    }
    if (!stream) {
      throw ApiException.invalid("stream_options", "'stream_options' are for 'stream' alone");
    }
    boolean included = streamOptions.flag("include_usage");
    streamOptions.refuseOthers();
    return included;
  }

  private static GenerationOptions options(
      Fields fields, int sequences, boolean ranked, boolean echo) {
    int maxTokens = fields.integer("max_tokens", DEFAULT_MAX_TOKENS, 0, Integer.MAX_VALUE);
    int minTokens = fields.integer("min_tokens", 0, 0, maxTokens);
    GenerationOptions.Builder options =
        GenerationOptions.builder()
            .maxTokens(maxTokens)
            .minTokens(minTokens)
            .sequences(sequences)
            .stop(stops(fields))
            .sampling(sampling(fields));
    int logprobs = fields.integer("logprobs", -1, 0, MAX_LOGPROBS);
    if (logprobs >= 0) {
      options.logprobs(logprobs).promptLogprobs(echo);
    } else if (ranked) {
      options.logprobs(0); // what the choices are ranked by
    }
    if (maxTokens == 0 && (logprobs < 0 || !echo)) {
      throw ApiException.invalid(
          "max_tokens", "'max_tokens' is 0, which takes 'echo' and 'logprobs' to give anything");
    }
    return options.build();
  }

  private static List<String> stops(Fields fields) {
    List<String> stops = fields.texts("stop", MAX_STOPS);
    if (stops.contains("")) {
      throw ApiException.invalid("stop", "'stop' holds an empty string");
    }
    return stops;
  }

  private static Sampling sampling(Fields fields) {
    Sampling.Builder sampling = Sampling.builder();
    // One after another, so that a value out of bounds is known to be this parameter's.
    set("temperature", () -> sampling.temperature(fields.number("temperature", 1)).build());
    set("top_p", () -> sampling.topP(fields.number("top_p", 1)).build());
    int topK = fields.integer("top_k", 0, -1, Integer.MAX_VALUE);
    sampling.topK(Math.max(0, topK)); // vLLM takes -1 for all
    set("min_p", () -> sampling.minP(fields.number("min_p", 0)).build());
    set(
        "repetition_penalty",
        () -> sampling.repetitionPenalty(fields.number("repetition_penalty", 1)).build());
    set(
        "presence_penalty",
        () -> sampling.presencePenalty(fields.number("presence_penalty", 0)).build());
    set(
        "frequency_penalty",
        () -> sampling.frequencyPenalty(fields.number("frequency_penalty", 0)).build());
    return sampling
        .logitBias(bias(fields.object("logit_bias")))
        .seed(fields.seed("seed", ThreadLocalRandom.current().nextLong()))
        .build();
  }

  private static void set(String parameter, Runnable setting) {
    try {
      setting.run();
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(parameter, "'" + parameter + "': " + e.getMessage());
    }
  }

  private static Map<Integer, Double> bias(Fields fields) {
    Map<Integer, Double> biases = new HashMap<>();
    if (fields != null) {
      for (Map.Entry<String, JsonNode> each : fields.all()) {
        double bias = each.getValue().asDouble(Double.NaN);
        if (!each.getKey().matches("[0-9]{1,9}") || !(Math.abs(bias) <= MAX_BIAS)) {
          throw ApiException.invalid(
              "logit_bias",
              "'logit_bias' takes numbers of tokens, each with a bias in -100 to 100");
        }
        biases.put(Integer.valueOf(each.getKey()), bias);
      }
    }
    return biases;
  }

  /** Reads a string, an array of strings, an array of tokens, or an array of such arrays. */
  private static List<Prompt> prompts(JsonNode value, Tokenizer tokenizer, Bounds bounds) {
    List<Prompt> prompts = new ArrayList<>();
    if (value.isTextual()) {
      prompts.add(ofText(value.textValue(), tokenizer));
    } else if (value.isArray() && value.path(0).isIntegralNumber()) {
      prompts.add(ofTokens(value, tokenizer));
    } else if (value.isArray()) {
      if (value.size() > bounds.prompts()) {
        throw ApiException.invalid(
            "prompt",
            "'prompt' has " + value.size() + " parts, at most " + bounds.prompts() + " are taken");
      }
      for (JsonNode each : value) {
        prompts.add(
            each.isTextual() ? ofText(each.textValue(), tokenizer) : ofTokens(each, tokenizer));
      }
    }
    if (prompts.isEmpty()) {
      throw ApiException.invalid(
          "prompt", "'prompt' is missing or empty; give the text to continue");
    }
    return prompts;
  }

  private static Prompt ofText(String text, Tokenizer tokenizer) {
    return new Prompt(text, tokenizer.encode(text));
  }

  private static Prompt ofTokens(JsonNode array, Tokenizer tokenizer) {
    int[] tokens = new int[array.size()];
    for (int i = 0; i < tokens.length; i++) {
      JsonNode token = array.get(i);
      if (!token.canConvertToInt()
          || !token.isIntegralNumber()
          || token.intValue() < 0
          || token.intValue() >= tokenizer.vocabularySize()) {
        throw ApiException.invalid(
            "prompt",
            "'prompt' holds "
                + token
                + ", which is no token: they are 0 to "
                + (tokenizer.vocabularySize() - 1));
      }
      tokens[i] = token.intValue();
    }
    if (!array.isArray()) {
      throw ApiException.invalid(
          "prompt",
          "'prompt' is neither a string, nor an array of strings, tokens or their arrays");
    }
    return new Prompt(tokenizer.decode(tokens), tokens);
  }

  private static void checkLength(int[] prompt, int maxTokens, int context) {
    if (prompt.length == 0) {
      throw ApiException.invalid("prompt", "'prompt' is empty; give the text to continue");
    }
    if ((long) prompt.length + maxTokens > context) {
      throw ApiException.invalid(
          prompt.length > context ? "prompt" : "max_tokens",
          String.format(
              "the model's context is %d tokens; the prompt has %d and 'max_tokens' asks for %d"
                  + " more",
              context, prompt.length, maxTokens));
    }
  }
}
