package io.scone.client;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;

/** One call for matches, as far as it can be answered from what is known. */
final class CachedMatch {
  /**
   * The fewest positions of a window that several threads look up. Each takes up to a microsecond,
   * nearly all of it a wait for memory, and threads wait side by side; to begin them and to wait
   * for their end costs as much as about 200 positions.
   */
  private static final int MANY = 256;

  private final KnownFgrams known;

  /** What is known of each asked position, or null. */
  private final KnownFgrams.Known[] found;

  private final TokenWindows misses = new TokenWindows();
  private int hits;

  CachedMatch(TokenWindows windows, KnownFgrams known) {
    this.known = known;
    int asked = 0;
    for (TokenWindows.Window window : windows.windows()) {
      asked += window.length - window.context;
    }
    found = new KnownFgrams.Known[asked];
    asked = 0;
    for (TokenWindows.Window window : windows.windows()) {
      look(window, asked);
      int end = window.offset + window.length;
      int missed = 0;
      for (int i = window.offset + window.context; i < end; i++, asked++) {
        if (found[asked] == null) {
          missed++;
        } else {
          hits++;
          miss(window, i, missed);
          missed = 0;
        }
      }
      miss(window, end, missed);
    }
  }

  /** Looks up the positions of a window, of which others were asked for before. */
  private void look(TokenWindows.Window window, int before) {
    int count = window.length - window.context;
    int first = window.offset + window.context;
    IntStream positions = IntStream.range(0, count);
    (count < MANY ? positions : positions.parallel())
        .forEach(i -> found[before + i] = known.find(window.tokens, window.offset, first + i));
  }

  /** Returns the number of positions asked for. */
  int asked() {
    return found.length;
  }

  /** Returns the number of positions that are known. */
  int hits() {
    return hits;
  }

  /** Says whether all positions are known. */
  boolean isComplete() {
    return hits == found.length;
  }

  /** Returns windows of the positions that are not known, in order. */
  TokenWindows misses() {
    return misses;
  }

  /** Returns the matches of all positions, those not known from an answer for {@link #misses}. */
  Matches join(Matches answer) {
    IdentityHashMap<Object, Integer> indices = new IdentityHashMap<>();
    List<ByteBuffer> hitRows = new ArrayList<>();
    int[] positions = new int[found.length];
    int[] rowIndices = new int[found.length];
    int[] matchLengths = new int[found.length];
    int answered = answer == null ? 0 : answer.rows().count();
    int count = 0;
    int[] unknown = new int[answer == null ? 0 : answer.unknownCount()];
    int unknownCount = 0;
    int missed = 0;
    int match = 0;
    for (int i = 0; i < found.length; i++) {
      KnownFgrams.Known hit = found[i];
      if (hit == null) {
        if (unknownCount < unknown.length && answer.unknownPosition(unknownCount) == missed) {
          unknown[unknownCount++] = i;
        } else if (answer != null && match < answer.count() && answer.position(match) == missed) {
          positions[count] = i;
          rowIndices[count] = answer.rowIndex(match);
          matchLengths[count++] = answer.length(match++);
        }
        missed++;
      } else if (hit.length() > 0) {
        Integer index = indices.putIfAbsent(hit.identity(), answered + hitRows.size());
        if (index == null) {
          index = answered + hitRows.size();
          hitRows.add(hit.row());
        }
        positions[count] = i;
        rowIndices[count] = index;
        matchLengths[count++] = hit.length();
      }
    }
    return new Matches(
        Arrays.copyOf(positions, count),
        Arrays.copyOf(rowIndices, count),
        Arrays.copyOf(matchLengths, count),
        new Rows(known.codec(), bytes(answer, hitRows)),
        known.version(),
        unknown,
        List.of());
  }

  private ByteBuffer bytes(Matches answer, List<ByteBuffer> hitRows) {
    ByteBuffer answered = answer == null ? ByteBuffer.allocate(0) : answer.rows().bytes();
    ByteBuffer bytes =
        Rows.allocate(answered.remaining() + (long) hitRows.size() * known.codec().rowBytes())
            .put(answered);
    hitRows.forEach(bytes::put);
    return bytes.flip();
  }

  /** Adds the positions before a token that are not known to those to ask for. */
  private void miss(TokenWindows.Window window, int end, int count) {
    if (count > 0) {
      int context = Math.min(known.maxNgram() - 1, end - count - window.offset);
      misses.add(window.tokens, end - count - context, context + count, context);
    }
  }
}
