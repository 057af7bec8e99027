package io.scone.client;

import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.scone.manifest.Fingerprint;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.Limits;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A client of a cache server: finds the f-grams of token windows and their rows.
 *
 * <p>It connects when it is first used, splits what is over the server's limits into several
 * requests and joins their replies. A call that fails throws a {@link SconeException}, or completes
 * its future with one. While the server cannot be reached, a call is tried a few times within its
 * deadline.
 *
 * <p>Safe for use by many threads, and meant to be shared by them. The futures of the {@code Async}
 * methods complete on the thread that reads the network: what is chained to them must be short and
 * must not wait; {@code thenApplyAsync} and its like take longer work elsewhere. A call that waits
 * is refused on such a thread.
 */
public final class SconeClient implements AutoCloseable {
  /** The port of an address that names none. */
  public static final int DEFAULT_PORT = 7411;

  /** Room for all that a reply holds besides its rows. */
  private static final long REPLY_BYTES_PER_TOKEN = 16;

  private static final long OTHER_REPLY_BYTES = 1 << 20;

  private final Connection connection;
  private final TableSelector selector;
  private final Duration deadline;

  /** What the server last told of itself; null before the first call and after a failed one. */
  private volatile CompletableFuture<GetServerInfoResponse> known;

  private SconeClient(Builder builder) {
    this.connection = new Connection(builder.host, builder.port, builder.connections);
    this.selector = builder.selector.build();
    this.deadline = builder.deadline;
  }

  /**
   * Returns a client of a server's default table.
   *
   * @param address {@code host:port}, or a host for port 7411
   */
  public static SconeClient connect(String address) {
    return builder(address).build();
  }

  /**
   * Returns a builder of a client.
   *
   * @param address {@code host:port}, or a host for port 7411
   * @throws IllegalArgumentException if the address is malformed
   */
  public static Builder builder(String address) {
    return new Builder(address);
  }

  /** Finds the longest f-gram that ends at each asked position of some windows, and its row. */
  public Matches match(TokenWindows windows) {
    return connection.await(matchAsync(windows));
  }

  /** As {@link #match}, without waiting. */
  public CompletableFuture<Matches> matchAsync(TokenWindows windows) {
    return call(
        call -> {
          List<RequestSplitter.MatchPart> parts = call.splitter().match(windows);
          return call.all(
                  Methods.MATCH, parts.stream().map(RequestSplitter.MatchPart::request).toList())
              .thenApply(replies -> ReplyJoiner.matches(parts, replies));
        });
  }

  /** Looks f-grams up by their tokens, each given in reading order. */
  public FoundFgrams lookup(List<int[]> fgrams) {
    return connection.await(lookupAsync(fgrams));
  }

  /** As {@link #lookup}, without waiting. */
  public CompletableFuture<FoundFgrams> lookupAsync(List<int[]> fgrams) {
    checkNotEmpty(fgrams);
    return call(
        call ->
            call.all(Methods.LOOKUP, call.splitter().fgrams(fgrams))
                .thenApply(replies -> ReplyJoiner.lookups(fgrams.size(), replies)));
  }

  /** Says of each f-gram, given in reading order, whether the table holds it. */
  public boolean[] contains(List<int[]> fgrams) {
    return connection.await(containsAsync(fgrams));
  }

  /** As {@link #contains}, without waiting. */
  public CompletableFuture<boolean[]> containsAsync(List<int[]> fgrams) {
    checkNotEmpty(fgrams);
    return call(
        call ->
            call.all(Methods.CONTAINS, call.splitter().fgrams(fgrams))
                .thenApply(replies -> ReplyJoiner.contained(fgrams.size(), replies)));
  }

  /** Asks the server for its tables and limits. */
  public GetServerInfoResponse serverInfo() {
    return connection.await(ask(newDeadline()));
  }

  /** Closes the connection; calls under way fail. */
  @Override
  public void close() {
    connection.close();
  }

  private <R> CompletableFuture<R> call(Function<Call, CompletableFuture<R>> work) {
    Deadline until = newDeadline();
    CompletableFuture<GetServerInfoResponse> info = known;
    if (info == null) {
      info = ask(until);
    }
    return info.thenCompose(server -> work.apply(new Call(server, until)))
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                known = null; // the server may have been restarted with other limits
              }
            });
  }

  private CompletableFuture<GetServerInfoResponse> ask(Deadline until) {
    CompletableFuture<GetServerInfoResponse> info =
        connection.call(
            EmbeddingServiceGrpc.getGetServerInfoMethod(),
            GetServerInfoRequest.getDefaultInstance(),
            until,
            (int) OTHER_REPLY_BYTES);
    known = info;
    return info;
  }

  private Deadline newDeadline() {
    return Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** One call: all its requests share a deadline. */
  private final class Call {
    private final GetServerInfoResponse server;
    private final Deadline until;

    Call(GetServerInfoResponse server, Deadline until) {
      this.server = server;
      this.until = until;
    }

    RequestSplitter splitter() {
      return new RequestSplitter(selector, table(), server.getLimits());
    }

    private TableInfo table() {
      String name = selector.getTable();
      return server.getTablesList().stream()
          .filter(table -> name.isEmpty() || name.equals(table.getVersion().getTable()))
          .findFirst()
          .orElseThrow(
              () ->
                  new SconeException(
                      Status.Code.NOT_FOUND,
                      "there is no table '"
                          + name
                          + "'; there are "
                          + server.getTablesList().stream()
                              .map(table -> table.getVersion().getTable())
                              .toList()));
    }

    /** Makes all requests at once and returns the replies in their order. */
    <Q, R> CompletableFuture<List<R>> all(MethodDescriptor<Q, R> method, List<Q> requests) {
      List<CompletableFuture<R>> replies =
          requests.stream()
              .map(request -> connection.call(method, request, until, maxReplyBytes()))
              .toList();
      return CompletableFuture.allOf(replies.toArray(CompletableFuture<?>[]::new))
          .thenApply(done -> replies.stream().map(CompletableFuture::join).toList());
    }

    private int maxReplyBytes() {
      Limits limits = server.getLimits();
      long bytes =
          limits.getMaxRowBytes()
              + REPLY_BYTES_PER_TOKEN * Integer.toUnsignedLong(limits.getMaxTokens())
              + OTHER_REPLY_BYTES;
      return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
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
    private static final int DEFAULT_CONNECTIONS = 2;
    private static final int MAX_CONNECTIONS = 64;

    private final String host;
    private final int port;
    private final TableSelector.Builder selector = TableSelector.newBuilder();
    private Duration deadline = DEFAULT_DEADLINE;
    private int connections = DEFAULT_CONNECTIONS;

    private Builder(String address) {
      int colon = address.endsWith("]") ? -1 : address.lastIndexOf(':');
      host = colon < 0 ? address : address.substring(0, colon);
      port = colon < 0 ? DEFAULT_PORT : port(address.substring(colon + 1));
      boolean bareIpv6 = host.contains(":") && !host.startsWith("[");
      if (host.isEmpty() || bareIpv6 || port < 1) {
        throw new IllegalArgumentException(
            "'" + address + "' is not an address; give host:port, such as localhost:7411");
      }
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

    /** Sets how long a call may take with all its requests and retries; 10 seconds if not set. */
    public Builder deadline(Duration deadline) {
      this.deadline = deadline;
      return this;
    }

    /**
     * Sets how many connections calls are spread over once they overlap, each read by a thread of
     * its own; 2 if not set.
     *
     * @throws IllegalArgumentException unless it is 1 to 64
     */
    public Builder connections(int connections) {
      if (connections < 1 || connections > MAX_CONNECTIONS) {
        throw new IllegalArgumentException(connections + " connections; give 1 to 64");
      }
      this.connections = connections;
      return this;
    }

    /** Returns the client. */
    public SconeClient build() {
      return new SconeClient(this);
    }

    /**
     * Returns a client of the server's administration that connects in the same way. Its calls take
     * longer than those of requests: to load a large table takes minutes.
     */
    public TableAdmin buildAdmin() {
      return new TableAdmin(new Connection(host, port, 1), deadline);
    }

    /** Returns the port a text names, or 0. */
    private static int port(String text) {
      return text.matches("[0-9]{1,5}") && Integer.parseInt(text) < 65536
          ? Integer.parseInt(text)
          : 0;
    }
  }
}
