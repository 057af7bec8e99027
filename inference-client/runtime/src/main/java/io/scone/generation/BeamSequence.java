package io.scone.generation;

import java.nio.FloatBuffer;
import java.util.List;

/** A beam: a sequence, how likely it is, and its likeliest next tokens. */
final class BeamSequence extends Sequence {
  private final List<LogitsProcessor> processors;
  private final double score;

  /** Which next tokens to tell. */
  private final int[] tokens;

  private final double[] scores;
  private int count;
  private RuntimeException failure;

  /**
   * Makes a beam.
   *
   * @param score the sum of the log-probabilities of its generated tokens
   * @param continuations of how many next tokens to tell
   */
  BeamSequence(
      TokenHistory history,
      int matches,
      double score,
      List<LogitsProcessor> processors,
      int continuations) {
    super(history, matches);
    this.score = score;
    this.processors = processors;
    this.tokens = new int[continuations];
    this.scores = new double[continuations];
  }

  /**
   * Returns this beam and one more token; it stands in the same slot, where all but that is read.
   */
  BeamSequence with(int token, double newScore) {
    TokenHistory longer = history().copy();
    longer.add(token);
    BeamSequence child = new BeamSequence(longer, matches(), newScore, processors, tokens.length);
    child.moveTo(slot());
    return child;
  }

  @Override
  void score(FloatBuffer logits, int place, Workspace workspace) {
    try {
      float[] changed = workspace.load(logits, place);
      float logSum = (float) Logits.logSum(changed);
      for (int i = 0; i < changed.length; i++) {
        changed[i] -= logSum;
      }
      for (LogitsProcessor processor : processors) {
        processor.process(changed, history()); // of log-probabilities, as Hugging Face does
      }
      Candidates likeliest = workspace.candidates();
      likeliest.takeLikeliest(changed, Math.min(tokens.length, changed.length));
      count = likeliest.size();
      for (int rank = 0; rank < count; rank++) {
        tokens[rank] = likeliest.token(rank);
        scores[rank] = score + likeliest.logit(rank);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Returns the sum of the log-probabilities of its generated tokens. */
  double score() {
    return score;
  }

  /** Returns how many next tokens are told. */
  int count() {
    return count;
  }

  /** Returns a next token by its rank, the likeliest being 0. */
  int token(int rank) {
    return tokens[rank];
  }

  /** Returns the score of this beam with the next token of that rank. */
  double score(int rank) {
    return scores[rank];
  }

  /** Returns why the beam cannot go on, or null. */
  RuntimeException failure() {
    return failure;
  }
}
