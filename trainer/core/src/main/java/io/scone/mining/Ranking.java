package io.scone.mining;

import io.scone.progress.Progress;
import it.unimi.dsi.fastutil.longs.Long2LongOpenHashMap;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Which of the frequent n-grams of all lengths are f-grams: the first ones by rank. */
final class Ranking {
  private static final int PROGRESS_STEP = 1 << 12;

  private final List<Level> levels;

  /** All n-grams with a higher count are f-grams. */
  private final long threshold;

  /** How many n-grams of each level that have just the threshold's count are f-grams. */
  private final long[] tiesKept;

  private final long[] kept;

  /** Ranks the n-grams of 2, 3, ... tokens and keeps the first {@code size}. */
  Ranking(List<Level> levels, int size) {
    this.levels = levels;
    this.threshold = threshold(levels, size);
    this.tiesKept = new long[levels.size()];
    this.kept = new long[levels.size()];
    long room = size;
    long[] ties = new long[levels.size()];
    for (int i = 0; i < kept.length; i++) {
      Level level = levels.get(i);
      for (int ordinal = 0; ordinal < level.size(); ordinal++) {
        kept[i] += level.count(ordinal) > threshold ? 1 : 0;
        ties[i] += level.count(ordinal) == threshold ? 1 : 0;
      }
      room -= kept[i];
    }
    for (int i = 0; i < kept.length; i++) {
      tiesKept[i] = Math.min(room, ties[i]);
      room -= tiesKept[i];
      kept[i] += tiesKept[i];
    }
  }

  /** Returns the number of f-grams. */
  long kept() {
    return Arrays.stream(kept).sum();
  }

  /** Returns the number of f-grams of n tokens. */
  long kept(int n) {
    return kept[n - 2];
  }

  /** Returns how often the last f-gram by rank occurs, or 0 where there is none. */
  long leastCount() {
    if (threshold > 0) {
      return threshold;
    }
    return levels.stream().mapToLong(Level::leastCount).filter(count -> count > 0).min().orElse(0);
  }

  /** Writes the f-grams in key order. */
  void write(int vocabularySize, FgramFileWriter writer, Progress progress) throws IOException {
    Walk walk = new Walk(writer, progress);
    for (int token = 0; token < vocabularySize; token++) {
      walk.tokens[walk.tokens.length - 1] = token;
      walk.writeChildren(0, token);
    }
    progress.advance(walk.unreported);
  }

  /** Returns the count that the last n-gram within {@code size} has, or 0 if all are within. */
  private static long threshold(List<Level> levels, int size) {
    Long2LongOpenHashMap ngramsOfCount = new Long2LongOpenHashMap();
    for (Level level : levels) {
      for (int ordinal = 0; ordinal < level.size(); ordinal++) {
        ngramsOfCount.addTo(level.count(ordinal), 1);
      }
    }
    long[] counts = ngramsOfCount.keySet().toLongArray();
    Arrays.sort(counts);
    long ngrams = 0;
    for (int i = counts.length - 1; i >= 0; i--) {
      ngrams += ngramsOfCount.get(counts[i]);
      if (ngrams >= size) {
        return counts[i];
      }
    }
    return 0;
  }

  /** A walk of the trie, parents before children: key order. */
  private final class Walk {
    private final FgramFileWriter writer;
    private final Progress progress;
    private final long[] tiesLeft = tiesKept.clone();

    /** The n-gram at hand, in reading order, at the end. */
    private final int[] tokens = new int[levels.size() + 1];

    private int unreported;

    Walk(FgramFileWriter writer, Progress progress) {
      this.writer = writer;
      this.progress = progress;
    }

    void writeChildren(int depth, int parent) throws IOException {
      if (depth == levels.size()) {
        return;
      }
      Level level = levels.get(depth);
      int offset = tokens.length - depth - 2;
      for (int child = level.firstChild(parent); child < level.firstChild(parent + 1); child++) {
        long count = level.count(child);
        if (count > threshold || (count == threshold && tiesLeft[depth]-- > 0)) {
          tokens[offset] = level.firstToken(child);
          writer.add(tokens, offset, depth + 2, count);
          if (++unreported == PROGRESS_STEP) {
            progress.advance(unreported);
            unreported = 0;
          }
          // What ends in an n-gram that is not kept is not kept either: it ranks after it.
          writeChildren(depth + 1, child);
        }
      }
    }
  }
}
