package io.scone.client;

import io.grpc.Deadline;
import io.grpc.Status;
import io.scone.manifest.Fingerprint;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
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
  private SconeClient(
      Transport transport, Source source, RowCache cache, Meter meter, Duration deadline) {
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
  public static Builder builder(String address) {
    return new Builder(List.of(ServerAddress.parse(address)));
  }

  /**
   * Returns a builder of a client of a table that was split into shards, each served by a server of
   * its own, or by replicas. When it first connects it checks that the servers hold all shards of
   * one table, in order.
   *
   * @param shards for each shard, in order, an address as {@link #builder} takes it
   * @throws IllegalArgumentException if an address is malformed or there are less than two
   */
  public static Builder sharded(List<String> shards) {
    if (shards.size() < 2) {
      throw new IllegalArgumentException(
          "a split table has two shards or more, and " + shards.size() + " are given");
    }
    return new Builder(shards.stream().map(ServerAddress::parse).toList());
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
    return meter.statistics();
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

  /** Collects what a client is made of. */
  public static final class Builder {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

    private final List<ServerAddress> addresses;
    private final TableSelector.Builder selector = TableSelector.newBuilder();
    private ConnectionConfig config = ConnectionConfig.DEFAULT;
    private Duration deadline = DEFAULT_DEADLINE;
    private long cacheBytes;
    private boolean partial;

    private Builder(List<ServerAddress> addresses) {
      this.addresses = addresses;
    }

    /** Returns the address, or those of shards with semicolons between. */
    public String address() {
      return String.join(";", addresses.stream().map(ServerAddress::toString).toList());
    }

    /** Returns the table's name; empty for the server's default table. */
    public String table() {
      return selector.getTable();
    }

    /** Asks for a table by its name instead of the server's default table. */
    public Builder table(String name) {
      selector.setTable(name);
      return this;
    }

    /**
     * Refuses a table that was made by another model: calls fail with FAILED_PRECONDITION.
     *
     * @throws IllegalArgumentException if it is not a fingerprint
     */
    public Builder modelFingerprint(String fingerprint) {
      if (!Fingerprint.isWellFormed(fingerprint)) {
        throw new IllegalArgumentException("'" + fingerprint + "' is not a fingerprint");
      }
      selector.setModelFingerprint(fingerprint);
      return this;
    }

    /**
     * Sets how long a call may take with all its requests and retries; 10 seconds if not set.
     * {@link SconeClient#withDeadline} sets it for single calls.
     */
    public Builder deadline(Duration deadline) {
      this.deadline = deadline;
      return this;
    }

    /** Makes sure of the server by TLS; without, the network is trusted. */
    public Builder tls(Tls tls) {
      config = config.withTls(tls);
      return this;
    }

    /** Sends a token with every call, for a server that wants one. */
    public Builder token(BearerToken token) {
      config = config.withToken(token);
      return this;
    }

    /**
     * Sets how many connections calls are spread over once they overlap, each read by a thread of
     * its own; 2 if not set.
     *
     * @throws IllegalArgumentException unless it is 1 to 64
     */
    public Builder connections(int connections) {
      config = config.withConnections(connections);
      return this;
    }

    /**
     * Sets after how long without a byte a connection is tried, and given up if it is dead; 30
     * seconds if not set.
     *
     * @throws IllegalArgumentException if it is less than 10 seconds
     */
    public Builder keepAlive(Duration keepAlive) {
      config = config.withKeepAlive(keepAlive);
      return this;
    }

    /** Has a call fail at once where no server can be reached or it has too much to do. */
    public Builder failFast() {
      config = config.withUnavailable(ConnectionConfig.Unavailable.FAIL);
      return this;
    }

    /** Has a call wait for a server until its deadline where none can be reached. */
    public Builder waitForServer() {
      config = config.withUnavailable(ConnectionConfig.Unavailable.WAIT);
      return this;
    }

    /**
     * Keeps f-grams that were matched, and their rows, for calls to come; without, nothing is kept.
     * Where it takes no more than a quarter of the bytes, the table's f-gram filter is fetched,
     * too, about 1.5 bytes an f-gram: with it, most tokens at which no f-gram ends are known, and a
     * row that was seen once serves wherever its f-gram is the longest. Then the rows of the
     * table's most frequent f-grams come in the background, until they fill three quarters of the
     * bytes or there are no more. The cache serves one version of the table at a time and notices
     * another one at the latest after five seconds.
     *
     * @param bytes the most that it may take, about
     */
    public Builder rowCache(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("a row cache of " + bytes + " bytes");
      }
      cacheBytes = bytes;
      return this;
    }

    /**
     * Has matches be returned though a shard is away: {@link Matches#unknownPosition} says which
     * positions it would have answered. Without, such a call fails. Lookups always do.
     */
    public Builder allowPartial() {
      partial = true;
      return this;
    }

    /**
     * Makes a request again while an attempt is still under way, and takes the first reply: it
     * bounds what a slow replica costs, at the price of more requests.
     *
     * @param delay how long an attempt may take before the next begins
     * @param attempts how many there may be, the first included
     * @throws IllegalArgumentException unless there are 2 to 5 attempts
     */
    public Builder hedging(Duration delay, int attempts) {
      config = config.withHedging(new ConnectionConfig.Hedging(delay, attempts));
      return this;
    }

    /**
     * Returns the client.
     *
     * @throws IllegalArgumentException if a file of the TLS configuration cannot be used
     */
    public SconeClient build() {
      return connected(
          config.connections(),
          (transport, meter) -> {
            List<Server> servers = servers(transport, meter);
            Source source = servers.size() == 1 ? servers.get(0) : new Shards(servers, partial);
            RowCache cache = cacheBytes > 0 ? new RowCache(source, cacheBytes, meter) : null;
            return new SconeClient(
                transport, cache == null ? source : cache, cache, meter, deadline);
          });
    }

    /**
     * Returns a client of the server's administration that connects in the same way. Its calls take
     * longer than those of requests: to load a large table takes minutes.
     *
     * @throws IllegalArgumentException if the client is of several servers, which are administered
     *     one by one, or a file of the TLS configuration cannot be used
     */
    public TableAdmin buildAdmin() {
      if (addresses.size() > 1 || addresses.get(0).isReplicated()) {
        throw new IllegalArgumentException(
            "tables are administered at one server at a time: give one address, host:port or"
                + " unix:/path");
      }
      return connected(
          1,
          (transport, meter) ->
              new TableAdmin(
                  transport,
                  new Connection(addresses.get(0), config.withConnections(1), transport, meter),
                  deadline));
    }

    private List<Server> servers(Transport transport, Meter meter) {
      List<Server> servers = new ArrayList<>();
      try {
        for (ServerAddress address : addresses) {
          Connection connection = new Connection(address, config, transport, meter);
          servers.add(new Server(connection, selector.build()));
        }
        return servers;
      } catch (RuntimeException e) {
        servers.forEach(Server::close);
        throw e;
      }
    }

    private static <C> C connected(int threads, BiFunction<Transport, Meter, C> client) {
      Transport transport = new Transport(threads);
      try {
        return client.apply(transport, new Meter());
      } catch (RuntimeException e) {
        transport.close();
        throw e;
      }
    }
  }
}
