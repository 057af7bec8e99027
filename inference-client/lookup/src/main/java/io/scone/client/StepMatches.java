package io.scone.client;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.TableInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a step of a {@link StepMatcher} found, and what it took. Immutable. */
public final class StepMatches {
  private final Matches matches;
  private final int prefetched;
  private final int cached;
  private final int awaited;
  private final Duration waited;
  private final SconeException failure;

  StepMatches(StepAnswers answers, TableInfo table, long waitedNanos, SconeException failure) {
    this.matches = join(answers, table);
    this.prefetched = answers.prefetched();
    this.cached = answers.cached();
    this.awaited = answers.awaited();
    this.waited = Duration.ofNanos(waitedNanos);
    this.failure = failure;
  }

  private static Matches join(StepAnswers answers, TableInfo table) {
    int[] positions = new int[answers.size()];
    int[] rowIndices = new int[answers.size()];
    int[] lengths = new int[answers.size()];
    int[] unknown = new int[answers.size()];
    RowCodec codec =
        answers.codec() != null
            ? answers.codec()
            : new RowCodec(Dtype.of(table.getRowFormat().getType()), table.getRowFormat().getDim());
    ByteBuffer rows = Rows.allocate((long) answers.size() * codec.rowBytes());
    int matches = 0;
    int unknowns = 0;
    for (int i = 0; i < answers.size(); i++) {
      ByteBuffer row = answers.row(i);
      if (answers.isUnknown(i)) {
        unknown[unknowns++] = i;
      } else if (row != null) {
        positions[matches] = i;
        rowIndices[matches] = matches;
        lengths[matches++] = answers.length(i);
        rows.put(row);
      }
    }
    return new Matches(
        Arrays.copyOf(positions, matches),
        Arrays.copyOf(rowIndices, matches),
        Arrays.copyOf(lengths, matches),
        new Rows(codec, rows.flip()),
        answers.version() == null ? table.getVersion() : answers.version(),
        Arrays.copyOf(unknown, unknowns),
        List.of());
  }

  /**
   * Returns the match of each window, whose positions are the windows' numbers; {@link
   * Matches#unknownPosition} names those that could not be found out.
   */
  public Matches matches() {
    return matches;
  }

  /** Returns how many windows were answered by what had been fetched ahead. */
  public int prefetched() {
    return prefetched;
  }

  /** Returns how many windows the row cache answered. */
  public int cached() {
    return cached;
  }

  /** Returns how many windows the server was asked for, and answered. */
  public int awaited() {
    return awaited;
  }

  /** Returns how long the step waited for the server; zero if it did not. */
  public Duration waited() {
    return waited;
  }

  /** Returns why there are windows of which nothing is known, if the server was waited for. */
  public Optional<SconeException> failure() {
    return Optional.ofNullable(failure);
  }
}
