package io.scone.client;

import io.scone.row.RowCodec;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One step of a {@link StepMatcher}, as it comes to be answered: of each window its last token. */
final class StepAnswers {
  /** Returns the key of the tokens before {@code end}. */
  @FunctionalInterface
  interface ContextOf {
    Ngram of(int[] tokens, int begin, int end);
  }

  private enum State {
    UNKNOWN,
    AHEAD,
    CACHED,
    ANSWERED
  }

  private final List<TokenWindows.Window> windows;
  private final Map<Ngram, StepMatcher.Ahead> ahead;
  private final KnownFgrams known;
  private final ContextOf contextOf;
  private final State[] states;

  /** For each window the row of its match, or null where it has none. */
  private final ByteBuffer[] rows;

  private final int[] lengths;

  /** For each window the one of the request that is about the same tokens. */
  private final int[] requestWindows;

  /** For each window of the request the position that it asks for, or -1. */
  private int[] positions = {};

  /** What all answers are of; null before the first. */
  private TableVersion version;

  private RowCodec codec;

  StepAnswers(
      List<TokenWindows.Window> windows,
      Map<Ngram, StepMatcher.Ahead> ahead,
      KnownFgrams known,
      ContextOf contextOf) {
    this.windows = windows;
    this.ahead = ahead;
    this.known = known;
    this.contextOf = contextOf;
    this.states = new State[windows.size()];
    this.rows = new ByteBuffer[windows.size()];
    this.lengths = new int[windows.size()];
    this.requestWindows = new int[windows.size()];
    Arrays.fill(states, State.UNKNOWN);
  }

  /** Looks for what is unknown in the row cache, then in what was fetched ahead. */
  void look() {
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.UNKNOWN && !lookInCache(i)) {
        lookAhead(i);
      }
    }
  }

  private void lookAhead(int i) {
    TokenWindows.Window window = windows.get(i);
    int last = window.offset + window.length - 1;
    StepMatcher.Ahead fetched = ahead.get(contextOf.of(window.tokens, window.offset, last));
    Matches reply = fetched == null ? null : fetched.now();
    if (reply == null || !isOf(reply.servedBy())) {
      return;
    }
    Continuations continuations = reply.continuations(fetched.window());
    int found = continuations.find(window.tokens[last]);
    if (found < 0 && !continuations.isComplete()) {
      return;
    }
    settle(i, State.AHEAD, reply.servedBy(), reply.rows().codec());
    if (found >= 0) {
      rows[i] = reply.rows().bytes(continuations.rowIndex(found));
      lengths[i] = continuations.length(found);
    }
  }

  private boolean lookInCache(int i) {
    if (known == null || !isOf(known.version())) {
      return false;
    }
    TokenWindows.Window window = windows.get(i);
    KnownFgrams.Known found =
        known.find(window.tokens, window.offset, window.offset + window.length - 1);
    if (found == null) {
      return false;
    }
    settle(i, State.CACHED, known.version(), known.codec());
    if (found.length() > 0) {
      rows[i] = found.row();
      lengths[i] = found.length();
    }
    return true;
  }

  private boolean isOf(TableVersion other) {
    return version == null || version.equals(other);
  }

  private void settle(int i, State state, TableVersion of, RowCodec rowCodec) {
    states[i] = state;
    version = of;
    codec = rowCodec;
  }

  /**
   * Returns what to ask for: what is unknown, or else what may come after each window.
   *
   * @param continuations how many tokens to ask for of each; 0 to ask for what is unknown
   */
  TokenWindows request(int continuations) {
    TokenWindows request = new TokenWindows();
    Map<Ngram, Integer> numbers = new HashMap<>(); // forks of a sequence are asked for once
    positions = new int[windows.size()];
    int asked = 0;
    for (int i = 0; i < states.length; i++) {
      TokenWindows.Window window = windows.get(i);
      if (continuations == 0 && states[i] != State.UNKNOWN) {
        continue;
      }
      int number = request.windows().size();
      Integer same =
          numbers.putIfAbsent(new Ngram(window.tokens, window.offset, window.length), number);
      requestWindows[i] = same == null ? number : same;
      if (same == null) {
        positions[number] = continuations == 0 ? asked++ : -1;
        int context = continuations == 0 ? window.length - 1 : window.length;
        request.add(window.tokens, window.offset, window.length, context, continuations);
      }
    }
    return request;
  }

  /** Returns which window of the request is about the tokens of a window. */
  int requestWindow(int i) {
    return requestWindows[i];
  }

  /**
   * Takes the reply to {@link #request}.
   *
   * @return false if it is of another version of the table than what is known; it is not used then
   */
  boolean take(Matches reply) {
    if (!isOf(reply.servedBy())) {
      return false;
    }
    int[] matches = new int[states.length]; // by position, counted from 1
    for (int match = 0; match < reply.count(); match++) {
      matches[reply.position(match)] = match + 1;
    }
    boolean[] lost = new boolean[states.length];
    for (int i = 0; i < reply.unknownCount(); i++) {
      lost[reply.unknownPosition(i)] = true;
    }
    for (int i = 0; i < states.length; i++) {
      int position = positions[requestWindows[i]];
      if (states[i] == State.UNKNOWN && !lost[position]) {
        settle(i, State.ANSWERED, reply.servedBy(), reply.rows().codec());
        int match = matches[position] - 1;
        if (match >= 0) {
          rows[i] = reply.rows().bytes(reply.rowIndex(match));
          lengths[i] = reply.length(match);
        }
      }
    }
    return true;
  }

  /** Makes all unknown again. */
  void forget() {
    Arrays.fill(states, State.UNKNOWN);
    Arrays.fill(rows, null);
    version = null;
  }

  /** Has the row cache remember what was fetched ahead and came to be used. */
  void teach() {
    if (known == null || version == null || !version.equals(known.version())) {
      return;
    }
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.AHEAD) {
        TokenWindows.Window window = windows.get(i);
        ByteBuffer row = rows[i] == null ? null : rows[i].duplicate();
        known.learn(
            window.tokens,
            window.offset,
            window.offset + window.length - 1,
            row == null ? 1 : lengths[i],
            row);
      }
    }
  }

  int size() {
    return states.length;
  }

  boolean isUnknown(int i) {
    return states[i] == State.UNKNOWN;
  }

  /** Says whether the row cache knew a window's match. */
  boolean isCached(int i) {
    return states[i] == State.CACHED;
  }

  /** Returns the row of a window's match, or null where it has none. */
  ByteBuffer row(int i) {
    return rows[i] == null ? null : rows[i].duplicate();
  }

  /** Returns the tokens in the f-gram of a window's match. */
  int length(int i) {
    return lengths[i];
  }

  /** Returns what all answers are of, or null if there is none. */
  TableVersion version() {
    return version;
  }

  /** Returns the codec of the rows, or null if there is no answer. */
  RowCodec codec() {
    return codec;
  }

  int unknown() {
    return count(State.UNKNOWN);
  }

  int prefetched() {
    return count(State.AHEAD);
  }

  int cached() {
    return count(State.CACHED);
  }

  int awaited() {
    return count(State.ANSWERED);
  }

  private int count(State wanted) {
    int count = 0;
    for (State state : states) {
      count += state == wanted ? 1 : 0;
    }
    return count;
  }
}
