package io.scone.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.generation.Generation;
import io.scone.generation.Generation.StopReason;
import io.scone.generation.GenerationEngine;
import io.scone.generation.GenerationHandle;
import io.scone.generation.GenerationListener;
import io.scone.generation.GenerationRequest;
import io.scone.generation.TokenLogprobs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A request for completions under way: its prompts in the engine, and what is known of their
 * choices so far. It is answered once.
 */
abstract class CompletionCall {
  private final CompletionRequest request;
  private final GenerationEngine engine;
  private final ServeConfig config;
  private final ServeMetrics metrics;
  private final Reply reply;
  private final String id = "cmpl-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final long created = Instant.now().getEpochSecond();
  private final List<GenerationHandle> handles = new ArrayList<>();
  private int open;
  private int promptTokens;
  private int completionTokens;
  private boolean over;

  /** What a call works with. */
  record Context(GenerationEngine engine, ServeConfig config, ServeMetrics metrics) {}

  CompletionCall(CompletionRequest request, Context context, Reply reply) {
    this.request = request;
    this.engine = context.engine();
    this.config = context.config();
    this.metrics = context.metrics();
    this.reply = reply;
    this.open = request.prompts().size();
  }

  /** Begins to answer a request. */
  static CompletionCall start(CompletionRequest request, Context context, Reply reply) {
    CompletionCall call =
        request.stream()
            ? new StreamedCompletion(request, context, reply)
            : new WholeCompletion(request, context, reply);
    call.submit();
    return call;
  }

  private void submit() {
    try {
      for (int i = 0; i < request.prompts().size(); i++) {
        CompletionRequest.Prompt prompt = request.prompts().get(i);
        promptTokens += prompt.tokens().length;
        GenerationRequest generation = new GenerationRequest(prompt.tokens(), request.options());
        add(engine.submit(generation, new Prompt(i)));
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private synchronized void add(GenerationHandle handle) {
    handles.add(handle);
    if (over) {
      handle.cancel();
    }
  }

  /** Gives the request up: nobody waits for its answer any more. */
  final void cancel() {
    List<GenerationHandle> left;
    synchronized (this) {
      over = true;
      left = List.copyOf(handles);
    }
    left.forEach(GenerationHandle::cancel);
  }

  private void fail(RuntimeException failure) {
    synchronized (this) {
      if (over) {
        return;
      }
    }
    cancel();
    reply.fail(ApiException.of(failure));
  }

  /** What the engine tells of one prompt. */
  private final class Prompt implements GenerationListener {
    private final int index;
    private final long submitted = System.nanoTime();
    private boolean begun;

    Prompt(int index) {
      this.index = index;
    }

    @Override
    public void onPrompt(List<TokenLogprobs> logprobs) {
      synchronized (CompletionCall.this) {
        prompt(index, logprobs);
      }
    }

    @Override
    public void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {
      if (!begun) {
        begun = true;
        metrics.firstText(System.nanoTime() - submitted);
      }
      synchronized (CompletionCall.this) {
        if (!over) {
          piece(index, sequence, text, logprobs);
        }
      }
    }

    @Override
    public void onFinish(int sequence, Generation generation) {
      metrics.generated(generation);
      synchronized (CompletionCall.this) {
        completionTokens += generation.tokens().size();
        if (!over) {
          finish(index, sequence, generation);
        }
      }
    }

    @Override
    public void onComplete(List<Generation> generations) {
      synchronized (CompletionCall.this) {
        if (!over) {
          complete(index, generations);
          open--;
          if (open == 0) {
            over = true;
            end();
          }
        }
      }
    }

    @Override
    public void onFailure(RuntimeException failure) {
      fail(failure);
    }
  }

  /** Takes the log-probabilities of a prompt. */
  abstract void prompt(int prompt, List<TokenLogprobs> logprobs);

  /** Takes more of a sequence. */
  abstract void piece(int prompt, int sequence, String text, List<TokenLogprobs> logprobs);

  /** Takes the end of a sequence. */
  abstract void finish(int prompt, int sequence, Generation generation);

  /** Takes the end of a prompt's sequences. */
  abstract void complete(int prompt, List<Generation> generations);

  /** Answers, or ends the answer. */
  abstract void end();

  final CompletionRequest request() {
    return request;
  }

  final Reply reply() {
    return reply;
  }

  final LogprobsJson logprobs() {
    return new LogprobsJson(engine.tokenizer());
  }

  /** Says whether the caller wants log-probabilities, not the server alone to rank choices. */
  final boolean tellsLogprobs() {
    return request.options().logprobs().isPresent()
        && request.sequences() == request.options().sequences();
  }

  /** Returns a reply, or a part of one, with choices. */
  final ObjectNode body(List<ObjectNode> choices) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("id", id);
    body.put("object", "text_completion");
    body.put("created", created);
    body.put("model", config.model());
    body.put("system_fingerprint", config.modelFingerprint());
    ArrayNode array = body.putArray("choices");
    choices.forEach(array::add);
    return body;
  }

  /** Returns a choice, or a part of one. */
  final ObjectNode choice(int prompt, int sequence, String text, ObjectNode logprobs) {
    ObjectNode choice = JsonNodeFactory.instance.objectNode();
    choice.put("text", text);
    choice.put("index", prompt * request.sequences() + sequence);
    choice.set("logprobs", logprobs);
    choice.putNull("finish_reason");
    return choice;
  }

  /** Returns why a choice ended, as OpenAI calls it. */
  static String finishReason(Generation generation) {
    StopReason reason = generation.stopReason();
    return reason == StopReason.MAX_TOKENS || reason == StopReason.CONTEXT ? "length" : "stop";
  }

  /** Returns how many tokens came in and went out. */
  final ObjectNode usage() {
    ObjectNode usage = JsonNodeFactory.instance.objectNode();
    usage.put("prompt_tokens", promptTokens);
    usage.put("completion_tokens", completionTokens);
    usage.put("total_tokens", promptTokens + completionTokens);
    return usage;
  }
}
