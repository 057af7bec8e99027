package io.scone.client;

import io.scone.manifest.Fingerprint;
import io.scone.v1.TableSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Collects what a {@link SconeClient} is made of. */
public final class SconeClientBuilder {
  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  private final List<ServerAddress> addresses;
  private final TableSelector.Builder selector = TableSelector.newBuilder();
  private ConnectionConfig config = ConnectionConfig.DEFAULT;
  private Duration deadline = DEFAULT_DEADLINE;
  private long cacheBytes;
  private boolean partial;

  SconeClientBuilder(List<ServerAddress> addresses) {
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
  public SconeClientBuilder table(String name) {
    selector.setTable(name);
    return this;
  }

  /**
   * Refuses a table that was made by another model: calls fail with FAILED_PRECONDITION.
   *
   * @throws IllegalArgumentException if it is not a fingerprint
   */
  public SconeClientBuilder modelFingerprint(String fingerprint) {
    if (!Fingerprint.isWellFormed(fingerprint)) {
      throw new IllegalArgumentException("'" + fingerprint + "' is not a fingerprint");
    }
    selector.setModelFingerprint(fingerprint);
    return this;
  }

  /**
   * Sets how long a call may take with all its requests and retries; 10 seconds if not set. {@link
   * SconeClient#withDeadline} sets it for single calls.
   */
  public SconeClientBuilder deadline(Duration deadline) {
    this.deadline = deadline;
    return this;
  }

  /** Makes sure of the server by TLS; without, the network is trusted. */
  public SconeClientBuilder tls(Tls tls) {
    config = config.withTls(tls);
    return this;
  }

  /** Sends a token with every call, for a server that wants one. */
  public SconeClientBuilder token(BearerToken token) {
    config = config.withToken(token);
    return this;
  }

  /**
   * Sets how many connections calls are spread over once they overlap, each read by a thread of its
   * own; 2 if not set.
   *
   * @throws IllegalArgumentException unless it is 1 to 64
   */
  public SconeClientBuilder connections(int connections) {
    config = config.withConnections(connections);
    return this;
  }

  /**
   * Sets after how long without a byte a connection is tried, and given up if it is dead; 30
   * seconds if not set.
   *
   * @throws IllegalArgumentException if it is less than 10 seconds
   */
  public SconeClientBuilder keepAlive(Duration keepAlive) {
    config = config.withKeepAlive(keepAlive);
    return this;
  }

  /** Has a call fail at once where no server can be reached or it has too much to do. */
  public SconeClientBuilder failFast() {
    config = config.withUnavailable(ConnectionConfig.Unavailable.FAIL);
    return this;
  }

  /** Has a call wait for a server until its deadline where none can be reached. */
  public SconeClientBuilder waitForServer() {
    config = config.withUnavailable(ConnectionConfig.Unavailable.WAIT);
    return this;
  }

  /**
   * Keeps f-grams that were matched, and their rows, for calls to come; without, nothing is kept.
   * Where it takes no more than a quarter of the bytes, the table's f-gram filter is fetched, too,
   * about 1.5 bytes an f-gram: with it, most tokens at which no f-gram ends are known, and a row
   * that was seen once serves wherever its f-gram is the longest. Then the rows of the table's most
   * frequent f-grams come in the background, until they fill three quarters of the bytes or there
   * are no more. The cache serves one version of the table at a time and notices another one at the
   * latest after five seconds.
   *
   * @param bytes the most that it may take, about
   */
  public SconeClientBuilder rowCache(long bytes) {
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
  public SconeClientBuilder allowPartial() {
    partial = true;
    return this;
  }

  /**
   * Makes a request again while an attempt is still under way, and takes the first reply: it bounds
   * what a slow replica costs, at the price of more requests.
   *
   * @param delay how long an attempt may take before the next begins
   * @param attempts how many there may be, the first included
   * @throws IllegalArgumentException unless there are 2 to 5 attempts
   */
  public SconeClientBuilder hedging(Duration delay, int attempts) {
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
          return new SconeClient(transport, cache == null ? source : cache, cache, meter, deadline);
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
