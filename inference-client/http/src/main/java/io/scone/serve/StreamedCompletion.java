package io.scone.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.generation.Generation;
import io.scone.generation.TokenLogprobs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Completions that are sent as they come, each piece of each choice an event of its own. */
final class StreamedCompletion extends CompletionCall {
  /** By the index of the choice. */
  private final Map<Integer, LogprobsJson> logprobs = new HashMap<>();

  StreamedCompletion(CompletionRequest request, Context context, Reply reply) {
    super(request, context, reply);
  }

  @Override
  void prompt(int prompt, List<TokenLogprobs> told) {
    for (int sequence = 0; sequence < request().sequences(); sequence++) {
      send(prompt, sequence, request().prompts().get(prompt).text(), told);
    }
  }

  @Override
  void piece(int prompt, int sequence, String text, List<TokenLogprobs> told) {
    send(prompt, sequence, text, told);
  }

  private void send(int prompt, int sequence, String text, List<TokenLogprobs> told) {
    int index = prompt * request().sequences() + sequence;
    boolean first = !logprobs.containsKey(index);
    LogprobsJson json = logprobs.computeIfAbsent(index, i -> logprobs());
    boolean echoed = first && request().echo() && !request().options().promptLogprobs();
    String whole = echoed ? request().prompts().get(prompt).text() + text : text;
    event(choice(prompt, sequence, whole, tellsLogprobs() ? json.next(told) : null));
  }

  @Override
  void finish(int prompt, int sequence, Generation generation) {
    int index = prompt * request().sequences() + sequence;
    boolean bare = request().echo() && !logprobs.containsKey(index);
    String text = bare ? request().prompts().get(prompt).text() : "";
    ObjectNode choice = choice(prompt, sequence, text, null);
    choice.put("finish_reason", finishReason(generation));
    event(choice);
  }

  private void event(ObjectNode choice) {
    ObjectNode body = body(List.of(choice));
    if (request().includeUsage()) {
      body.putNull("usage");
    }
    reply().event(body);
  }

  @Override
  void complete(int prompt, List<Generation> generations) {}

  @Override
  void end() {
    if (request().includeUsage()) {
      ObjectNode body = body(List.of());
      body.set("usage", usage());
      reply().event(body);
    }
    reply().end();
  }
}
