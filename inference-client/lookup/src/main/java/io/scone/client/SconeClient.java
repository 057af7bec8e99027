package io.scone.client;

import io.grpc.Deadline;
import io.grpc.Status;
import io.scone.v1.GetServerInfoResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * A client of a cache server: finds the f-grams of token windows and their rows.
 *
 * <p>It connects when it is first used, splits what is over the server's limits into several
 * requests and joins their replies: all that a call returns is of one version of the table. A call
 * that fails throws a {@link SconeException}, or completes its future with one. While the server
 * cannot be reached, or has too much to do, a call is tried a few times within its deadline.
 *
 * <p>Safe for use by many threads, and meant to be shared by them. The futures of the {@code Async}
 * methods complete on the thread that reads the network: what is chained to them must be short and
 * must not wait; {@code thenApplyAsync} and its like take longer work elsewhere. A call that waits
 * is refused on such a thread.
 */
public final class SconeClient implements AutoCloseable {
  /** The port of an address that names none. */
  public static final int DEFAULT_PORT = 7411;

  private final Transport transport;
  private final Source source;
  private final RowCache cache;
  private final Meter meter;
  private final Duration deadline;

  /**
   * Makes a client.
   *
   * @param cache the source, if it is one
   */
  SconeClient(Transport transport, Source source, RowCache cache, Meter meter, Duration deadline) {
    this.transport = transport;
    this.source = source;
    this.cache = cache;
    this.meter = meter;
    this.deadline = deadline;
  }

  /**
   * Returns a client of a server's default table.
   *
   * @param address as {@link #builder} takes it
   */
  public static SconeClient connect(String address) {
    return builder(address).build();
  }

  /**
   * Returns a builder of a client.
   *
   * @param address {@code host:port}, or a host for port 7411; several with commas between them, or
   *     {@code dns:///name:port}, are replicas, which take calls in turn; {@code unix:/path} is a
   *     Unix socket
   * @throws IllegalArgumentException if the address is malformed
   */
  public static SconeClientBuilder builder(String address) {
    return new SconeClientBuilder(List.of(ServerAddress.parse(address)));
  }

  /**
   * Returns a builder of a client of a table that was split into shards, each served by a server of
   * its own, or by replicas. When it first connects it checks that the servers hold all shards of
   * one table, in order.
   *
   * @param shards for each shard, in order, an address as {@link #builder} takes it
   * @throws IllegalArgumentException if an address is malformed or there are less than two
   */
  public static SconeClientBuilder sharded(List<String> shards) {
    if (shards.size() < 2) {
      throw new IllegalArgumentException(
          "a split table has two shards or more, and " + shards.size() + " are given");
    }
    return new SconeClientBuilder(shards.stream().map(ServerAddress::parse).toList());
  }

  /** Finds the longest f-gram that ends at each asked position of some windows, and its row. */
  public Matches match(TokenWindows windows) {
    return transport.await(matchAsync(windows));
  }

  /** As {@link #match}, without waiting. */
  public CompletableFuture<Matches> matchAsync(TokenWindows windows) {
    return counted(source -> source.match(windows, until()), matches -> matches.rows().count());
  }

  /** Looks f-grams up by their tokens, each given in reading order. */
  public FoundFgrams lookup(List<int[]> fgrams) {
    return transport.await(lookupAsync(fgrams));
  }

  /** As {@link #lookup}, without waiting. */
  public CompletableFuture<FoundFgrams> lookupAsync(List<int[]> fgrams) {
    checkNotEmpty(fgrams);
    return counted(source -> source.lookup(fgrams, until()), found -> found.rows().count());
  }

  /** Says of each f-gram, given in reading order, whether the table holds it. */
  public boolean[] contains(List<int[]> fgrams) {
    return transport.await(containsAsync(fgrams));
  }

  /** As {@link #contains}, without waiting. */
  public CompletableFuture<boolean[]> containsAsync(List<int[]> fgrams) {
    checkNotEmpty(fgrams);
    return counted(
        source -> source.contains(fgrams, until()).thenApply(ContainedFgrams::contained),
        found -> 0);
  }

  /** Asks the server for its tables and limits. */
  public GetServerInfoResponse serverInfo() {
    return transport.await(source.info(until()));
  }

  /**
   * Asks the server whether it takes requests, by the standard health service: it says no while it
   * has no table yet, and once it was told to stop. Of a split table, all servers must.
   */
  public boolean isServing() {
    return transport.await(source.isServing(until()));
  }

  /**
   * Returns this client with another deadline for its calls. Both share everything else, and
   * closing one closes the other.
   *
   * @param deadline how long a call may take with all its requests and retries
   */
  public SconeClient withDeadline(Duration deadline) {
    return new SconeClient(transport, source, cache, meter, deadline);
  }

  /**
   * Returns a matcher of sequences that grow token by token, which fetches ahead. It uses this
   * client, and must not be used once that is closed.
   *
   * @param continuations how many likely tokens of each sequence to fetch the rows of ahead; 0 for
   *     none. A server sends no more than its limits say
   */
  public StepMatcher stepMatcher(int continuations) {
    if (continuations < 0) {
      throw new IllegalArgumentException(continuations + " continuations of a sequence");
    }
    return new StepMatcher(this, cache, transport.await(source.table(until())), continuations);
  }

  /**
   * As {@link #matchAsync}, but the request is made and sent by a thread of the network: the caller
   * goes on at once.
   */
  CompletableFuture<Matches> matchLater(TokenWindows windows) {
    CompletableFuture<Matches> later = new CompletableFuture<>();
    if (!transport.execute(() -> complete(later, matchAsync(windows)))) {
      later.completeExceptionally(
          new SconeException(Status.Code.CANCELLED, "the client is closed"));
    }
    return later;
  }

  private static <R> void complete(CompletableFuture<R> later, CompletableFuture<R> call) {
    var unused =
        call.whenComplete(
            (result, thrown) -> {
              if (thrown == null) {
                later.complete(result);
              } else {
                later.completeExceptionally(CallFailure.unwrap(thrown));
              }
            });
  }

  /** Waits for a call of this client. */
  <R> R await(CompletableFuture<R> call) {
    return transport.await(call);
  }

  /** Returns what counts this client's work. */
  Meter meter() {
    return meter;
  }

  /** Returns what this client has done so far; it costs little and may be asked for at any time. */
  public Statistics statistics() {
    return meter.statistics(cache == null ? 0 : cache.bytes());
  }

  /** Closes the connections; calls under way fail. */
  @Override
  public void close() {
    source.close();
    transport.close();
  }

  private Deadline until() {
    return Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  private <R> CompletableFuture<R> counted(
      Function<Source, CompletableFuture<R>> call, ToIntFunction<R> rows) {
    long begin = System.nanoTime();
    return call.apply(source)
        .whenComplete(
            (result, failure) -> {
              meter.called(System.nanoTime() - begin, failure != null);
              if (failure == null) {
                meter.returned(rows.applyAsInt(result));
              }
            });
  }

  private static void checkNotEmpty(List<int[]> fgrams) {
    for (int[] fgram : fgrams) {
      if (fgram.length == 0) {
        throw new IllegalArgumentException("an f-gram without tokens");
      }
    }
  }
}
