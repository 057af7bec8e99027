package io.scone.server;

import io.scone.fgram.FgramKey;
import io.scone.v1.MatchResponse;
import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import it.unimi.dsi.fastutil.ints.IntOpenHashSet;

/** The search for the tokens that would end an f-gram after a window, the likeliest first. */
final class ContinuationSearch {
  /*
   * The f-gram that a token would end begins with the last tokens of the window, and what it begins
   * with is an f-gram or a single token. So from the longest such beginning to the shortest, each has
   * a list of tokens that go on with it, and a token's longest match is in the first list that has it.
   */

  private final ForwardIndex forward;
  private final FoundRows rows;
  private final Int2IntOpenHashMap rowOfOrdinal;
  private final MatchResponse.Builder reply;
  private final int[] beginnings;
  private final IntOpenHashSet seen = new IntOpenHashSet();

  private ContinuationSearch(
      ForwardIndex forward,
      FoundRows rows,
      Int2IntOpenHashMap rowOfOrdinal,
      MatchResponse.Builder reply) {
    this.forward = forward;
    this.rows = rows;
    this.rowOfOrdinal = rowOfOrdinal;
    this.reply = reply;
    this.beginnings = new int[forward.fgrams().maxNgram()];
  }

  /**
   * Adds the continuations of all windows to a reply.
   *
   * @param forward where to look, or null where that is not known yet
   * @param rows takes the rows of the continuations
   * @param rowOfOrdinal knows the rows that are there already
   * @param reply takes the continuations
   */
  static void addAll(
      TokenWindows windows,
      ForwardIndex forward,
      FoundRows rows,
      Int2IntOpenHashMap rowOfOrdinal,
      MatchResponse.Builder reply) {
    boolean known = forward != null && !forward.isEmpty();
    ContinuationSearch search =
        known ? new ContinuationSearch(forward, rows, rowOfOrdinal, reply) : null;
    int[] tokens = windows.tokens();
    for (int i = 0; i < windows.count(); i++) {
      if (known && windows.continuations(i) > 0) {
        search.add(tokens, windows.begin(i), windows.end(i), windows.continuations(i));
      } else {
        reply.addContinuationCounts(0).addContinuationsComplete(false);
      }
    }
  }

  private void add(int[] tokens, int begin, int end, int most) {
    int longest = findBeginnings(tokens, begin, end);
    seen.clear();
    for (int length = longest; length >= 1 && seen.size() < most; length--) {
      int last = forward.end(beginnings[length]);
      for (int i = forward.begin(beginnings[length]); i < last && seen.size() < most; i++) {
        if (seen.add(forward.token(i))) {
          add(i, end, length + 1);
        }
      }
    }
    reply.addContinuationCounts(seen.size());
    // Every f-gram ends in one of two tokens, so that these alone say which tokens end any.
    reply.addContinuationsComplete(
        longest == 0 || seen.size() == forward.end(beginnings[1]) - forward.begin(beginnings[1]));
  }

  /** Finds the nodes of the f-grams that end a window, by length; returns the longest's. */
  private int findBeginnings(int[] tokens, int begin, int end) {
    if (begin == end) {
      return 0;
    }
    beginnings[1] = tokens[end - 1];
    int most = Math.min(end - begin, forward.fgrams().maxNgram() - 1);
    for (int length = FgramKey.MIN_TOKENS; length <= most; length++) {
      int ordinal = forward.fgrams().find(tokens, end - length, length);
      if (ordinal < 0) {
        return length - 1;
      }
      beginnings[length] = forward.node(ordinal);
    }
    return most;
  }

  private void add(int place, int end, int length) {
    int ordinal = forward.ordinal(place);
    int row = rowOfOrdinal.putIfAbsent(ordinal, rows.size());
    if (row == rowOfOrdinal.defaultReturnValue()) {
      row = rows.addFollowed(ordinal, end, length, forward.token(place));
    }
    reply
        .addContinuationTokens(forward.token(place))
        .addContinuationRowIndices(row)
        .addContinuationMatchLengths(length);
  }
}
