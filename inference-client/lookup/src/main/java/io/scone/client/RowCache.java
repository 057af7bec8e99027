package io.scone.client;

import io.grpc.Deadline;
import io.scone.fgram.FgramFilter;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A source that answers positions from what it remembers of earlier answers, and asks another one
 * for the rest.
 *
 * <p>All that it remembers is of one version of the table. Every answer of the server names its
 * version; another one than before empties the cache, and what was taken from it for that call is
 * asked for. Where the cache knows every position, the server is still asked to name its version if
 * it has not done so for a few seconds.
 */
final class RowCache implements Source {
  static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MAX_ATTEMPTS = 3;

  /** The share of the bytes that an f-gram filter may take: one of so many. */
  private static final int FILTER_SHARE = 4;

  /** How long an f-gram filter may take to come. */
  private static final long FILTER_SECONDS = 60;

  /** How long a few rows of frequent f-grams may take to come. */
  private static final long FILL_SECONDS = 10;

  /** How long to wait for what the server is about to make before it is asked for again. */
  private static final long PAUSE_MILLIS = 500;

  private final Source source;
  private final long maxBytes;
  private final Meter meter;

  /** What is remembered; null before the first answer. */
  private volatile KnownFgrams known;

  private volatile boolean closed;

  /**
   * Makes a cache.
   *
   * @param source where the rest is asked for; it is closed with the cache
   * @param maxBytes the most bytes to take, about
   */
  RowCache(Source source, long maxBytes, Meter meter) {
    this.source = source;
    this.maxBytes = maxBytes;
    this.meter = meter;
  }

  @Override
  public CompletableFuture<Matches> match(TokenWindows windows, Deadline until) {
    return match(windows, until, 1);
  }

  /** Returns what is remembered, or null before the first answer. */
  KnownFgrams known() {
    return known;
  }

  /** Returns the bytes taken, about. */
  long bytes() {
    KnownFgrams now = known;
    return now == null ? 0 : now.bytes();
  }

  private CompletableFuture<Matches> match(TokenWindows windows, Deadline until, int attempt) {
    KnownFgrams now = known;
    // What may follow a window, only the server knows.
    if (now == null || attempt == MAX_ATTEMPTS || windows.wantContinuations()) {
      return source.match(windows, until).thenCompose(answer -> learn(windows, answer, until));
    }
    CachedMatch cached = new CachedMatch(windows, now);
    if (cached.isComplete() && !now.isOlderThan(CONFIRM_NANOS)) {
      meter.cached(cached.hits(), 0);
      return CompletableFuture.completedFuture(cached.join(null));
    }
    return source
        .match(cached.misses(), until)
        .thenCompose(answer -> learn(cached.misses(), answer, until))
        .thenCompose(
            answer -> {
              if (!answer.servedBy().equals(now.version())) {
                return match(windows, until, attempt + 1);
              }
              meter.cached(cached.hits(), cached.asked() - cached.hits());
              return CompletableFuture.completedFuture(cached.join(answer));
            });
  }

  /** Remembers an answer, and returns it. */
  private CompletableFuture<Matches> learn(TokenWindows windows, Matches answer, Deadline until) {
    KnownFgrams now = known;
    if (now != null && answer.servedBy().equals(now.version())) {
      now.learn(windows, answer);
      return CompletableFuture.completedFuture(answer);
    }
    known = null;
    return source
        .table(until)
        .handle(
            (table, failure) -> {
              if (failure == null && answer.servedBy().equals(table.getVersion())) {
                long filterBytes = FgramFilter.bytesFor(table.getRowCount());
                boolean filtered = filterBytes <= maxBytes / FILTER_SHARE;
                KnownFgrams fresh =
                    new KnownFgrams(table, filtered ? maxBytes - filterBytes : maxBytes);
                fresh.learn(windows, answer);
                known = fresh;
                if (filtered) {
                  fetchFilter(fresh);
                }
              }
              return answer; // it stands, remembered or not
            });
  }

  /** Fetches the f-gram filter of what is remembered, however long the server takes to make it. */
  private void fetchFilter(KnownFgrams of) {
    if (closed || known != of) {
      return;
    }
    var unused =
        source
            .filter(of.version(), Deadline.after(FILTER_SECONDS, TimeUnit.SECONDS))
            .thenAccept(
                filter -> {
                  if (filter.isPresent()) {
                    of.filterBy(filter.get());
                    fill(of, 0);
                  } else {
                    later(() -> fetchFilter(of));
                  }
                }); // a server that has no filters, or is away, is not asked again
  }

  /**
   * Fetches the rows of a table's most frequent f-grams while they have room, a few at a time: with
   * the filter, each of them serves wherever its f-gram is the longest.
   *
   * @param offset how many of them were fetched before
   */
  private void fill(KnownFgrams of, long offset) {
    if (closed || known != of || of.isFilled()) {
      return;
    }
    var unused =
        source
            .frequent(of.version(), offset, Deadline.after(FILL_SECONDS, TimeUnit.SECONDS))
            .thenAccept(
                fgrams -> {
                  if (fgrams.isEmpty()) {
                    later(() -> fill(of, offset));
                  } else if (!fgrams.get().isEmpty()) {
                    fetch(of, fgrams.get(), offset + fgrams.get().size());
                  }
                }); // a server that has no list, or is away, is not asked again
  }

  /**
   * Fetches rows, then those of the f-grams that follow in the list. They are asked for as matches,
   * for only f-grams that a search comes to may be remembered.
   */
  private void fetch(KnownFgrams of, List<int[]> fgrams, long next) {
    TokenWindows windows = new TokenWindows();
    fgrams.forEach(fgram -> windows.add(fgram, fgram.length - 1));
    var unused =
        source
            .match(windows, Deadline.after(FILL_SECONDS, TimeUnit.SECONDS))
            .thenAccept(
                found -> {
                  if (found.servedBy().equals(of.version())) {
                    of.learn(windows, found);
                    fill(of, next);
                  }
                });
  }

  private static void later(Runnable task) {
    CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS).execute(task);
  }

  @Override
  public CompletableFuture<Optional<FgramFilter>> filter(TableVersion version, Deadline until) {
    return source.filter(version, until);
  }

  @Override
  public CompletableFuture<Optional<List<int[]>>> frequent(
      TableVersion version, long offset, Deadline until) {
    return source.frequent(version, offset, until);
  }

  @Override
  public CompletableFuture<FoundFgrams> lookup(List<int[]> fgrams, Deadline until) {
    return source.lookup(fgrams, until);
  }

  @Override
  public CompletableFuture<ContainedFgrams> contains(List<int[]> fgrams, Deadline until) {
    return source.contains(fgrams, until);
  }

  @Override
  public CompletableFuture<TableInfo> table(Deadline until) {
    return source.table(until);
  }

  @Override
  public CompletableFuture<GetServerInfoResponse> info(Deadline until) {
    return source.info(until);
  }

  @Override
  public CompletableFuture<Boolean> isServing(Deadline until) {
    return source.isServing(until);
  }

  @Override
  public void close() {
    closed = true;
    source.close();
  }
}
