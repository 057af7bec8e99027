package io.scone.generation;

import java.util.List;

/**
 * A filter of text that comes in pieces: it ends before the first stop string, and holds back what
 * may be the beginning of one. The stop string that is complete first counts, and of those that end
 * together the longest: it does not matter how the text is cut into pieces.
 */
final class StopStrings {
  private final List<String> stops;

  /** The end of the text so far, which may be the beginning of a stop string. */
  private final StringBuilder held = new StringBuilder();

  private boolean stopped;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Says whether a stop string came. */
  boolean isStopped() {
    return stopped;
  }

  /** Takes a piece of text and returns what is now certain to come before any stop string. */
  String append(String piece) {
    if (stops.isEmpty()) {
      return piece;
    }
    held.append(piece);
    int start = firstStop();
    if (start >= 0) {
      stopped = true;
      held.setLength(start);
      return finish();
    }
    return give(held.length() - longestBeginning());
  }

  /** Returns the text that was held back: no more comes. */
  String finish() {
    return give(held.length());
  }

  private String give(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  /** Returns where the stop string begins that is complete first, or -1. */
  private int firstStop() {
    int start = -1;
    int end = Integer.MAX_VALUE;
    for (String stop : stops) {
      int found = held.indexOf(stop);
      int foundEnd = found + stop.length();
      if (found >= 0 && (foundEnd < end || (foundEnd == end && found < start))) {
        start = found;
        end = found + stop.length();
      }
    }
    return start;
  }

  /** Returns the length of the longest end of what is held that begins a stop string. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      int length = Math.min(stop.length() - 1, held.length());
      while (length > longest && !stop.startsWith(held.substring(held.length() - length))) {
        length--;
      }
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
