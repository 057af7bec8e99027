package io.scone.generation;

import io.scone.generation.Generation.StopReason;
import io.scone.tokenizer.Tokenizer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A request for one or several continuations that do not know of each other. */
final class SampledGroup extends SequenceGroup {
  private final Tokenizer tokenizer;
  private final int maxSize;
  private final List<SampledSequence> sequences = new ArrayList<>();
  private final List<SampledSequence> running = new ArrayList<>();
  private final List<Generation> finished = new ArrayList<>();

  SampledGroup(
      GenerationRequest request, GenerationListener listener, Tokenizer tokenizer, int maxSize) {
    super(request, listener);
    this.tokenizer = tokenizer;
    this.maxSize = maxSize;
  }

  @Override
  void begin(FloatBuffer logits, Workspace workspace, Slots slots) {
    SplittableRandom random = new SplittableRandom(options().sampling().seed());
    for (int i = 0; i < options().sequences(); i++) {
      SampledSequence sequence = new SampledSequence(this, tokenizer, maxSize, random.split());
      if (options().maxTokens() > 0) {
        sequence.score(logits, 0, workspace);
      }
      slots.join(sequence, i == 0 ? slot() : sequences.get(0).slot());
      sequences.add(sequence);
      running.add(sequence);
      finished.add(null);
    }
    advance(slots);
  }

  @Override
  void advance(Slots slots) {
    for (int i = 0; i < sequences.size(); i++) {
      SampledSequence sequence = sequences.get(i);
      if (!running.contains(sequence)) {
        continue;
      }
      if (sequence.failure() != null) {
        throw sequence.failure();
      }
      sequence.tell(i, listener());
      StopReason reason =
          options().maxTokens() == 0 ? StopReason.MAX_TOKENS : sequence.stopReason();
      if (reason != null) {
        slots.leave(sequence);
        running.remove(sequence);
        Generation generation =
            generation(sequence, sequence.text(), reason, sequence.logprobs(), Double.NaN);
        finished.set(i, generation);
        listener().onFinish(i, generation);
      }
    }
    if (running.isEmpty()) {
      listener().onComplete(List.copyOf(finished));
    }
  }

  @Override
  int width() {
    return isPromptRead() ? running.size() : options().width();
  }

  @Override
  List<SampledSequence> running() {
    return running;
  }
}
