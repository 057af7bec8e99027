package io.scone.client;

import io.grpc.Deadline;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import java.util.List;
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
  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MAX_ATTEMPTS = 3;

  private final Source source;
  private final long maxBytes;
  private final Meter meter;

  /** What is remembered; null before the first answer. */
  private volatile KnownFgrams known;

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

  private CompletableFuture<Matches> match(TokenWindows windows, Deadline until, int attempt) {
    KnownFgrams now = known;
    if (now == null || attempt == MAX_ATTEMPTS) {
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
                KnownFgrams fresh = new KnownFgrams(table, maxBytes);
                fresh.learn(windows, answer);
                known = fresh;
              }
              return answer; // it stands, remembered or not
            });
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
  public void close() {
    source.close();
  }
}
