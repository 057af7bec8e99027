package io.scone.generation;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a thread works in that chooses tokens: memory for one step's logits of one sequence. */
final class Workspace {
  private final float[] logits;
  private final Candidates candidates = new Candidates();

  Workspace(int vocabularySize) {
    this.logits = new float[vocabularySize];
  }

  /** Takes a copy of the logits of one place, which may be changed, and returns it. */
  float[] load(FloatBuffer all, int place) {
    all.get(place * logits.length, logits);
    return logits;
  }

  Candidates candidates() {
    return candidates;
  }

  /** Returns the log-probabilities of the likeliest tokens by the logits, and their normalizer. */
  Likeliest likeliest(int count) {
    double logSum = Logits.logSum(logits);
    List<TokenLogprobs.Candidate> top = new ArrayList<>(count);
    if (count > 0) {
      candidates.takeLikeliest(logits, Math.min(count, logits.length));
      for (int rank = 0; rank < candidates.size(); rank++) {
        top.add(
            new TokenLogprobs.Candidate(candidates.token(rank), candidates.logit(rank) - logSum));
      }
    }
    return new Likeliest(logSum, top);
  }

  /**
   * The likeliest tokens of a place.
   *
   * @param logSum what to take from a logit to have its log-probability
   */
  record Likeliest(double logSum, List<TokenLogprobs.Candidate> top) {
    TokenLogprobs of(int token, float logit) {
      return new TokenLogprobs(token, logit - logSum, top);
    }
  }
}
