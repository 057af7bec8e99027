package io.scone.client;

import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.scone.fgram.FgramFilter;
import io.scone.fgram.FgramKey;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.ListFrequentFgramsRequest;
import io.scone.v1.ListFrequentFgramsResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import io.scone.v1.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One server, or its replicas: splits what is over its limits into several requests and joins their
 * replies.
 *
 * <p>What the server tells of itself is asked for once, and again after a failure. A call is made
 * again where that helps: when the limits have changed, or when the version of the table that
 * several requests name is not loaded any more.
 */
final class Server implements Source {
  private static final int MAX_ATTEMPTS = 4;
  private static final int MAX_INFO_BYTES = 4 << 20;
  private static final int MAX_LIST_BYTES = 4 << 20;

  private final Connection connection;
  private final TableSelector selector;

  /** What the server last told of itself; null before the first call and after a failure. */
  private volatile CompletableFuture<ServedTable> known;

  Server(Connection connection, TableSelector selector) {
    this.connection = connection;
    this.selector = selector;
  }

  @Override
  public CompletableFuture<Matches> match(TokenWindows windows, Deadline until) {
    return call(
        until,
        table -> {
          List<RequestSplitter.MatchPart> parts = table.splitter().match(windows);
          List<byte[]> requests = table.splitter().requests(parts);
          return all(requests, request -> connection.match(request, until, table.maxReplyBytes()))
              .thenApply(replies -> ReplyJoiner.matches(windows.windows().size(), parts, replies))
              .thenApply(matches -> current(matches, table, parts.size()));
        });
  }

  @Override
  public CompletableFuture<FoundFgrams> lookup(List<int[]> fgrams, Deadline until) {
    return call(
        until,
        table ->
            all(table.splitter().fgrams(fgrams), call(Methods.LOOKUP, table, until))
                .thenApply(replies -> ReplyJoiner.lookups(fgrams.size(), replies)));
  }

  @Override
  public CompletableFuture<ContainedFgrams> contains(List<int[]> fgrams, Deadline until) {
    return call(
        until,
        table ->
            all(table.splitter().fgrams(fgrams), call(Methods.CONTAINS, table, until))
                .thenApply(replies -> ReplyJoiner.contained(fgrams.size(), replies)));
  }

  @Override
  public CompletableFuture<GetServerInfoResponse> info(Deadline until) {
    CompletableFuture<GetServerInfoResponse> info =
        connection.call(
            EmbeddingServiceGrpc.getGetServerInfoMethod(),
            GetServerInfoRequest.getDefaultInstance(),
            until,
            MAX_INFO_BYTES);
    known = info.thenApply(server -> ServedTable.of(server, selector));
    return info;
  }

  @Override
  public CompletableFuture<Boolean> isServing(Deadline until) {
    return connection
        .call(
            HealthGrpc.getCheckMethod(),
            HealthCheckRequest.newBuilder().setService(EmbeddingServiceGrpc.SERVICE_NAME).build(),
            until,
            MAX_INFO_BYTES)
        .thenApply(health -> health.getStatus() == ServingStatus.SERVING);
  }

  @Override
  public CompletableFuture<Optional<FgramFilter>> filter(TableVersion version, Deadline until) {
    return new FilterDownload(connection, selector, version, until).begin();
  }

  @Override
  public CompletableFuture<Optional<List<int[]>>> frequent(
      TableVersion version, long offset, Deadline until) {
    ListFrequentFgramsRequest request =
        ListFrequentFgramsRequest.newBuilder().setSelector(selector).setOffset(offset).build();
    return connection
        .call(EmbeddingServiceGrpc.getListFrequentFgramsMethod(), request, until, MAX_LIST_BYTES)
        .thenApply(
            part ->
                part.getTotal() == 0 || !part.getServedBy().equals(version)
                    ? Optional.empty()
                    : Optional.of(fgrams(part)));
  }

  private static List<int[]> fgrams(ListFrequentFgramsResponse part) {
    List<int[]> fgrams = new ArrayList<>();
    int end = 0;
    for (int length : part.getLengthsList()) {
      int begin = end;
      end += length;
      if (length < FgramKey.MIN_TOKENS || end > part.getTokensCount()) {
        throw new SconeException(
            Status.Code.INTERNAL, "the server's list of frequent f-grams is malformed");
      }
      fgrams.add(IntStream.range(begin, end).map(part::getTokens).toArray());
    }
    return fgrams;
  }

  @Override
  public CompletableFuture<TableInfo> table(Deadline until) {
    return served(until).thenApply(ServedTable::info);
  }

  private CompletableFuture<ServedTable> served(Deadline until) {
    CompletableFuture<ServedTable> table = known;
    if (table == null || table.isCompletedExceptionally()) {
      table = info(until).thenApply(server -> ServedTable.of(server, selector));
    }
    if (table.isDone()) {
      return table;
    }
    // It may have been asked for by a call with more time than this one.
    return table.copy().orTimeout(until.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    connection.close();
  }

  /** Returns the server's address. */
  @Override
  public String toString() {
    return connection.toString();
  }

  private <R> CompletableFuture<R> call(
      Deadline until, Function<ServedTable, CompletableFuture<R>> work) {
    return attempt(until, work, 1);
  }

  private <R> CompletableFuture<R> attempt(
      Deadline until, Function<ServedTable, CompletableFuture<R>> work, int attempts) {
    return served(until)
        .thenCompose(work)
        .exceptionallyCompose(
            thrown -> {
              known = null; // the server may have been restarted with other limits
              SconeException failure = failure(thrown);
              return attempts < MAX_ATTEMPTS && isWorthAskingAgain(failure)
                  ? attempt(until, work, attempts + 1)
                  : CompletableFuture.failedFuture(failure);
            });
  }

  /**
   * Returns matches if they can stand. Requests are made for one version of the table; where it
   * turns out to be another, its K may be too, and what was cut for the one does not fit the other.
   */
  private Matches current(Matches matches, ServedTable table, int parts) {
    if (!matches.servedBy().equals(table.info().getVersion())) {
      known = null;
      if (parts > 1) {
        throw ReplyJoiner.replaced(matches.servedBy());
      }
    }
    return matches;
  }

  private static boolean isWorthAskingAgain(SconeException failure) {
    return failure.code() == Status.Code.ABORTED
        || (failure.code() == Status.Code.INVALID_ARGUMENT
            && failure.reason().equals("LIMIT_EXCEEDED"))
        || (failure.code() == Status.Code.NOT_FOUND && failure.reason().equals("UNKNOWN_VERSION"));
  }

  private SconeException failure(Throwable thrown) {
    Throwable t = CallFailure.unwrap(thrown);
    if (t instanceof SconeException failure) {
      return failure;
    }
    if (t instanceof TimeoutException) {
      return new SconeException(
          Status.Code.DEADLINE_EXCEEDED,
          "the cache server at " + connection + " did not answer in time",
          t);
    }
    return new SconeException(Status.Code.INTERNAL, "the call failed inside the client", t);
  }

  private <R> Function<byte[], CompletableFuture<R>> call(
      MethodDescriptor<byte[], R> method, ServedTable table, Deadline until) {
    return request -> connection.call(method, request, until, table.maxReplyBytes());
  }

  /** Makes all requests at once and returns the replies in their order. */
  private static <R> CompletableFuture<List<R>> all(
      List<byte[]> requests, Function<byte[], CompletableFuture<R>> call) {
    if (requests.size() == 1) {
      return call.apply(requests.get(0)).thenApply(List::of);
    }
    List<CompletableFuture<R>> replies = requests.stream().map(call).toList();
    return CompletableFuture.allOf(replies.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> replies.stream().map(CompletableFuture::join).toList());
  }
}
