package io.scone.generation;

import io.scone.generation.Beams.EarlyStopping;
import io.scone.generation.Generation.StopReason;
import io.scone.tokenizer.Tokenizer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request for the best sequences that a beam search finds. */
final class BeamGroup extends SequenceGroup {
  private final Beams beams;
  private final Tokenizer tokenizer;
  private final int maxSize;
  private List<BeamSequence> running = List.of();
  private final List<Result> results = new ArrayList<>();

  /** A sequence that has ended; its score is divided by its length. */
  private record Result(BeamSequence sequence, StopReason reason, double score) {}

  /** A beam and one more token. */
  private record Continuation(BeamSequence beam, int token, double score) {}

  BeamGroup(
      GenerationRequest request, GenerationListener listener, Tokenizer tokenizer, int maxSize) {
    super(request, listener);
    this.beams = request.options().beams().orElseThrow();
    this.tokenizer = tokenizer;
    this.maxSize = maxSize;
  }

  @Override
  void begin(FloatBuffer logits, Workspace workspace, Slots slots) {
    List<LogitsProcessor> processors =
        LogitsProcessor.of(options().sampling(), options().minTokens(), tokenizer.endOfText());
    BeamSequence root =
        new BeamSequence(new TokenHistory(prompt()), matches(), 0, processors, 2 * beams.width());
    root.score(logits, 0, workspace);
    slots.join(root, slot());
    running = List.of(root);
    advance(slots);
  }

  @Override
  void advance(Slots slots) {
    for (BeamSequence beam : running) {
      if (beam.failure() != null) {
        throw beam.failure();
      }
    }
    List<BeamSequence> next = next();
    if (isOver(next)) {
      running.forEach(slots::leave);
      running = List.of();
      complete();
    } else {
      move(next, slots);
    }
  }

  /** Chooses the beams that go on, and keeps those that end the text. */
  private List<BeamSequence> next() {
    List<BeamSequence> next = new ArrayList<>();
    List<Continuation> continuations = continuations();
    int length = running.get(0).history().generated() + 1;
    for (int rank = 0; rank < continuations.size(); rank++) {
      Continuation each = continuations.get(rank);
      boolean ends = each.token() == tokenizer.endOfText();
      if (ends && rank < beams.width()) {
        keep(each.beam(), StopReason.END_OF_TEXT, penalized(each.score(), length));
      } else if (!ends && next.size() < beams.width()) {
        next.add(each.beam().with(each.token(), each.score()));
      }
    }
    if (length == options().maxTokens()) {
      next.forEach(beam -> keep(beam, StopReason.MAX_TOKENS, penalized(beam.score(), length)));
      next.clear();
    } else if (!next.isEmpty() && next.get(0).history().size() == maxSize) {
      next.forEach(beam -> keep(beam, StopReason.CONTEXT, penalized(beam.score(), length)));
      next.clear();
    }
    return next;
  }

  /**
   * Returns the likeliest continuations of all beams, twice as many as beams: enough for all ends.
   */
  private List<Continuation> continuations() {
    List<Continuation> continuations = new ArrayList<>();
    for (BeamSequence beam : running) {
      for (int rank = 0; rank < beam.count(); rank++) {
        continuations.add(new Continuation(beam, beam.token(rank), beam.score(rank)));
      }
    }
    continuations.sort(Comparator.comparingDouble(Continuation::score).reversed());
    return continuations.subList(0, Math.min(2 * beams.width(), continuations.size()));
  }

  /** Keeps a sequence that has ended, if it is one of the best. */
  private void keep(BeamSequence sequence, StopReason reason, double score) {
    results.add(new Result(sequence, reason, score));
    results.sort(Comparator.comparingDouble(Result::score).reversed());
    if (results.size() > beams.width()) {
      results.remove(beams.width());
    }
  }

  private double penalized(double score, int length) {
    return score / Math.pow(length, beams.lengthPenalty());
  }

  private boolean isOver(List<BeamSequence> next) {
    if (next.isEmpty()) {
      return true;
    }
    if (results.size() < beams.width()) {
      return false;
    }
    if (beams.earlyStopping() == EarlyStopping.FULL) {
      return true;
    }
    boolean atAnyLength = beams.earlyStopping() == EarlyStopping.NEVER && beams.lengthPenalty() > 0;
    BeamSequence best = next.get(0);
    int length =
        atAnyLength
            ? Math.min(options().maxTokens(), maxSize - prompt().length)
            : best.history().generated();
    return penalized(best.score(), length) <= results.get(results.size() - 1).score();
  }

  /** Gives the next beams the slots of those that they continue, and of those that end. */
  private void move(List<BeamSequence> next, Slots slots) {
    Map<Integer, BeamSequence> parents = new LinkedHashMap<>(); // by slot
    running.forEach(beam -> parents.put(beam.slot(), beam));
    List<BeamSequence> forks = new ArrayList<>();
    for (BeamSequence beam : next) {
      BeamSequence parent = parents.remove(beam.slot());
      if (parent == null) {
        forks.add(beam); // its slot goes on with a likelier beam
      } else {
        slots.replace(parent, beam, beam.slot());
      }
    }
    Iterator<BeamSequence> childless = parents.values().iterator();
    for (BeamSequence fork : forks) {
      if (childless.hasNext()) {
        slots.replace(childless.next(), fork, fork.slot());
      } else {
        slots.join(fork, fork.slot());
      }
    }
    childless.forEachRemaining(slots::leave);
    running = next;
  }

  private void complete() {
    List<Generation> generations = new ArrayList<>();
    for (Result each : results.subList(0, Math.min(options().sequences(), results.size()))) {
      int[] tokens =
          each.sequence().history().range(prompt().length, each.sequence().history().size());
      generations.add(
          generation(
              each.sequence(), tokenizer.decode(tokens), each.reason(), List.of(), each.score()));
      listener().onFinish(generations.size() - 1, generations.get(generations.size() - 1));
    }
    listener().onComplete(generations);
  }

  @Override
  int width() {
    return beams.width();
  }

  @Override
  List<BeamSequence> running() {
    return running;
  }
}
