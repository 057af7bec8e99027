package io.scone.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.generation.Generation;
import io.scone.generation.TokenLogprobs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Completions that are answered whole, once all are there. */
final class WholeCompletion extends CompletionCall {
  private final List<PromptChoices> prompts = new ArrayList<>();

  /**
   * What is known of a prompt: its log-probabilities, and those of each sequence, and its choices.
   */
  private static final class PromptChoices {
    private final List<TokenLogprobs> prompt = new ArrayList<>();
    private final List<List<TokenLogprobs>> sequences = new ArrayList<>();
    private final List<ObjectNode> choices = new ArrayList<>();
  }

  WholeCompletion(CompletionRequest request, Context context, Reply reply) {
    super(request, context, reply);
    for (int i = 0; i < request.prompts().size(); i++) {
      PromptChoices choices = new PromptChoices();
      for (int j = 0; j < request.options().sequences(); j++) {
        choices.sequences.add(new ArrayList<>());
      }
      prompts.add(choices);
    }
  }

  @Override
  void prompt(int prompt, List<TokenLogprobs> logprobs) {
    prompts.get(prompt).prompt.addAll(logprobs);
  }

  @Override
  void piece(int prompt, int sequence, String text, List<TokenLogprobs> logprobs) {
    prompts.get(prompt).sequences.get(sequence).addAll(logprobs);
  }

  @Override
  void finish(int prompt, int sequence, Generation generation) {}

  @Override
  void complete(int prompt, List<Generation> generations) {
    int[] order = IntStream.range(0, generations.size()).toArray();
    if (generations.size() > request().sequences()) {
      order =
          IntStream.of(order)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -meanLogprob(generations.get(i))))
              .limit(request().sequences())
              .mapToInt(Integer::intValue)
              .toArray();
    }
    PromptChoices known = prompts.get(prompt);
    for (int rank = 0; rank < order.length; rank++) {
      Generation generation = generations.get(order[rank]);
      String text =
          (request().echo() ? request().prompts().get(prompt).text() : "") + generation.text();
      ObjectNode logprobs = null;
      if (tellsLogprobs()) {
        List<TokenLogprobs> all = new ArrayList<>(known.prompt);
        all.addAll(known.sequences.get(order[rank]));
        logprobs = logprobs().next(all);
      }
      ObjectNode choice = choice(prompt, rank, text, logprobs);
      choice.put("finish_reason", finishReason(generation));
      known.choices.add(choice);
    }
  }

  private static double meanLogprob(Generation generation) {
    return generation.logprobs().stream()
        .mapToDouble(TokenLogprobs::logprob)
        .average()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  @Override
  void end() {
    List<ObjectNode> choices = new ArrayList<>();
    prompts.forEach(each -> choices.addAll(each.choices));
    ObjectNode body = body(choices);
    body.set("usage", usage());
    reply().send(body);
  }
}
