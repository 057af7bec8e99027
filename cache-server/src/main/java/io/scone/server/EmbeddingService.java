package io.scone.server;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.scone.fgram.FgramIndex;
import io.scone.v1.ContainsRequest;
import io.scone.v1.ContainsResponse;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetFgramFilterRequest;
import io.scone.v1.GetFgramFilterResponse;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.Limits;
import io.scone.v1.ListFrequentFgramsRequest;
import io.scone.v1.ListFrequentFgramsResponse;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** The service of that name: finds f-grams in memory and sends their rows. */
final class EmbeddingService {
  /** The methods that read rows, and so may wait for the disk. */
  static final MethodDescriptor<MatchRequest, RowReply> MATCH =
      withRows(EmbeddingServiceGrpc.getMatchMethod(), RowReplyMarshaller.UNWRAPPED);

  static final MethodDescriptor<StreamMatchRequest, RowReply> STREAM_MATCH =
      withRows(
          EmbeddingServiceGrpc.getStreamMatchMethod(), StreamMatchResponse.RESPONSE_FIELD_NUMBER);

  static final MethodDescriptor<LookupRequest, RowReply> LOOKUP =
      withRows(EmbeddingServiceGrpc.getLookupMethod(), RowReplyMarshaller.UNWRAPPED);

  private static final int POSITIONS_BETWEEN_CANCELLATION_CHECKS = 1024;
  private static final int ABSENT = -1;

  private final TableCatalog catalog;
  private final RequestLimits limits;
  private final Limits advertised;
  private final RowMetrics metrics;
  private final Executor readers;
  private final String serverVersion;

  /**
   * Makes the service.
   *
   * @param readers where rows are read that may have to come from the disk
   */
  EmbeddingService(
      TableCatalog catalog,
      ServerConfig config,
      RowMetrics metrics,
      Executor readers,
      String serverVersion) {
    this.catalog = catalog;
    this.limits = config.limits();
    this.advertised = config.advertisedLimits();
    this.metrics = metrics;
    this.readers = readers;
    this.serverVersion = serverVersion;
  }

  /** Returns the service as gRPC takes it: the generated one with the replies of rows replaced. */
  ServerServiceDefinition bind() {
    ServiceDescriptor generated = EmbeddingServiceGrpc.getServiceDescriptor();
    ServiceDescriptor descriptor =
        ServiceDescriptor.newBuilder(generated.getName())
            .setSchemaDescriptor(generated.getSchemaDescriptor())
            .addMethod(MATCH)
            .addMethod(STREAM_MATCH)
            .addMethod(LOOKUP)
            .addMethod(EmbeddingServiceGrpc.getContainsMethod())
            .addMethod(EmbeddingServiceGrpc.getGetFgramFilterMethod())
            .addMethod(EmbeddingServiceGrpc.getListFrequentFgramsMethod())
            .addMethod(EmbeddingServiceGrpc.getGetServerInfoMethod())
            .build();
    return ServerServiceDefinition.builder(descriptor)
        .addMethod(MATCH, ServerCalls.asyncUnaryCall(this::match))
        .addMethod(STREAM_MATCH, ServerCalls.asyncBidiStreamingCall(this::streamMatch))
        .addMethod(LOOKUP, ServerCalls.asyncUnaryCall(this::lookup))
        .addMethod(
            EmbeddingServiceGrpc.getContainsMethod(), ServerCalls.asyncUnaryCall(this::contains))
        .addMethod(
            EmbeddingServiceGrpc.getGetFgramFilterMethod(),
            ServerCalls.asyncUnaryCall(this::getFgramFilter))
        .addMethod(
            EmbeddingServiceGrpc.getListFrequentFgramsMethod(),
            ServerCalls.asyncUnaryCall(this::listFrequentFgrams))
        .addMethod(
            EmbeddingServiceGrpc.getGetServerInfoMethod(),
            ServerCalls.asyncUnaryCall(this::getServerInfo))
        .build();
  }

  private void match(MatchRequest request, StreamObserver<RowReply> observer) {
    ServerCallStreamObserver<RowReply> replies = cancellable(observer);
    attempt(
        replies,
        () -> {
          sendMatches(request, replies);
          replies.onCompleted();
        });
  }

  private StreamObserver<StreamMatchRequest> streamMatch(StreamObserver<RowReply> observer) {
    return new MatchStream(cancellable(observer));
  }

  /**
   * One stream of matches: the next request is asked for once the reply before it is on its way, so
   * a slow reader holds at most one reply in memory.
   */
  private final class MatchStream implements StreamObserver<StreamMatchRequest> {
    private final ServerCallStreamObserver<RowReply> replies;
    private boolean idle = true;
    private boolean failed;

    MatchStream(ServerCallStreamObserver<RowReply> replies) {
      this.replies = replies;
      replies.disableAutoRequest();
      replies.setOnReadyHandler(this::requestNext);
    }

    private void requestNext() {
      if (idle && replies.isReady()) {
        idle = false;
        replies.request(1);
      }
    }

    @Override
    public void onNext(StreamMatchRequest request) {
      failed = !attempt(replies, () -> sendMatches(request.getRequest(), replies));
      if (!failed) {
        idle = true;
        requestNext();
      }
    }

    @Override
    public void onCompleted() {
      if (!failed) {
        replies.onCompleted();
      }
    }

    @Override
    public void onError(Throwable t) {
      // The client has gone; there is nobody to answer.
    }
  }

  private void sendMatches(MatchRequest request, ServerCallStreamObserver<RowReply> replies)
      throws Exception {
    try (TableLease lease = catalog.acquire(request.getSelector())) {
      ServedTable table = lease.table();
      TokenWindows windows = TokenWindows.of(request, table, limits);
      FoundRows rows = new FoundRows(windows.tokens(), windows.mostRows());
      MatchResponse head = match(windows, table, rows, replies::isCancelled);
      metrics.matched(windows.asked(), head.getPositionsCount());
      sendRows(head, MatchResponse.ROWS_FIELD_NUMBER, rows, lease, replies);
    }
  }

  /** Finds the matches of all asked positions and collects their distinct rows. */
  private static MatchResponse match(
      TokenWindows windows, ServedTable table, FoundRows rows, BooleanSupplier cancelled) {
    int[] positions = windows.askedPositions();
    long[] found = search(table, windows.tokens(), windows.starts(), positions, cancelled);
    MatchResponse.Builder matches =
        MatchResponse.newBuilder().setServedBy(table.version()).setRowFormat(table.rowFormat());
    Int2IntOpenHashMap rowOfOrdinal = new Int2IntOpenHashMap(windows.asked());
    rowOfOrdinal.defaultReturnValue(ABSENT);
    for (int i = 0; i < found.length; i++) {
      if (found[i] != FgramIndex.NONE) {
        int length = FgramIndex.length(found[i]);
        int ordinal = FgramIndex.ordinal(found[i]);
        int row = rowOfOrdinal.putIfAbsent(ordinal, rows.size());
        if (row == ABSENT) {
          row = rows.add(ordinal, positions[i] - length + 1, length);
        }
        matches.addPositions(i).addRowIndices(row).addMatchLengths(length);
      }
    }
    if (windows.wantContinuations()) {
      ContinuationSearch.addAll(windows, table.forward(), rows, rowOfOrdinal, matches);
    }
    return matches.build();
  }

  private void lookup(LookupRequest request, StreamObserver<RowReply> observer) {
    ServerCallStreamObserver<RowReply> replies = cancellable(observer);
    attempt(
        replies,
        () -> {
          sendLookup(request, replies);
          replies.onCompleted();
        });
  }

  private void sendLookup(LookupRequest request, ServerCallStreamObserver<RowReply> replies)
      throws Exception {
    try (TableLease lease = catalog.acquire(request.getSelector())) {
      ServedTable table = lease.table();
      FgramList fgrams = FgramList.of(request, table, limits);
      LookupResponse.Builder found =
          LookupResponse.newBuilder().setServedBy(table.version()).setRowFormat(table.rowFormat());
      FoundRows rows = new FoundRows(fgrams.tokens(), fgrams.size());
      int[] ordinals = ordinals(table, fgrams, replies::isCancelled);
      for (int i = 0; i < fgrams.size(); i++) {
        found.addFound(ordinals[i] != ABSENT);
        if (ordinals[i] != ABSENT) {
          rows.add(ordinals[i], fgrams.begin(i), fgrams.length(i));
        }
      }
      metrics.lookedUp(fgrams.size(), rows.size());
      sendRows(found.build(), LookupResponse.ROWS_FIELD_NUMBER, rows, lease, replies);
    }
  }

  private void contains(ContainsRequest request, StreamObserver<ContainsResponse> observer) {
    ServerCallStreamObserver<ContainsResponse> replies = cancellable(observer);
    attempt(
        replies,
        () -> {
          replies.onNext(contained(request, replies::isCancelled));
          replies.onCompleted();
        });
  }

  private ContainsResponse contained(ContainsRequest request, BooleanSupplier cancelled) {
    try (TableLease lease = catalog.acquire(request.getSelector())) {
      ServedTable table = lease.table();
      FgramList fgrams = FgramList.of(request, table, limits);
      ContainsResponse.Builder found = ContainsResponse.newBuilder().setServedBy(table.version());
      int held = 0;
      for (int ordinal : ordinals(table, fgrams, cancelled)) {
        found.addFound(ordinal != ABSENT);
        held += ordinal != ABSENT ? 1 : 0;
      }
      metrics.lookedUp(fgrams.size(), held);
      return found.build();
    }
  }

  private void getFgramFilter(
      GetFgramFilterRequest request, StreamObserver<GetFgramFilterResponse> replies) {
    attempt(
        replies,
        () -> {
          try (TableLease lease = catalog.acquire(request.getSelector())) {
            replies.onNext(FilterPart.of(lease.table(), request.getOffset()));
          }
          replies.onCompleted();
        });
  }

  private void listFrequentFgrams(
      ListFrequentFgramsRequest request, StreamObserver<ListFrequentFgramsResponse> replies) {
    attempt(
        replies,
        () -> {
          try (TableLease lease = catalog.acquire(request.getSelector())) {
            replies.onNext(FrequentFgrams.part(lease.table(), request.getOffset()));
          }
          replies.onCompleted();
        });
  }

  private void getServerInfo(
      GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> replies) {
    GetServerInfoResponse.Builder info =
        GetServerInfoResponse.newBuilder().setServerVersion(serverVersion).setLimits(advertised);
    catalog.active().forEach(table -> info.addTables(table.info()));
    replies.onNext(info.build());
    replies.onCompleted();
  }

  /** Returns the ordinals of f-grams, {@link #ABSENT} where the table does not hold one. */
  private static int[] ordinals(ServedTable table, FgramList fgrams, BooleanSupplier cancelled) {
    long[] longest =
        search(table, fgrams.tokens(), fgrams.begins(), fgrams.lastTokens(), cancelled);
    int[] ordinals = new int[longest.length];
    for (int i = 0; i < ordinals.length; i++) {
      boolean whole =
          longest[i] != FgramIndex.NONE && FgramIndex.length(longest[i]) == fgrams.length(i);
      ordinals[i] = whole ? FgramIndex.ordinal(longest[i]) : ABSENT;
    }
    return ordinals;
  }

  /** Finds the longest f-gram that ends at each position, as {@link FgramIndex} returns them. */
  private static long[] search(
      ServedTable table, int[] tokens, int[] starts, int[] positions, BooleanSupplier cancelled) {
    long[] found = new long[positions.length];
    for (int from = 0; from < found.length; from += POSITIONS_BETWEEN_CANCELLATION_CHECKS) {
      checkNot(cancelled);
      int to = Math.min(from + POSITIONS_BETWEEN_CANCELLATION_CHECKS, found.length);
      table.table().index().longestMatches(tokens, starts, positions, from, to, found);
    }
    return found;
  }

  /** Sends a reply, reading its rows. */
  private void sendRows(
      MessageLite head,
      int rowsField,
      FoundRows rows,
      TableLease lease,
      ServerCallStreamObserver<RowReply> replies)
      throws Exception {
    RowReply reply =
        new RowReply(
            head,
            rowsField,
            rows,
            lease.table().rowBytes(),
            lease.reader(),
            lease.table().table().isResident() ? null : readers,
            () -> checkNot(replies::isCancelled));
    replies.onNext(reply);
    if (reply.failure() != null) {
      throw reply.failure();
    }
    metrics.read(rows.size(), reply.residentReads());
  }

  private static void checkNot(BooleanSupplier cancelled) {
    if (cancelled.getAsBoolean()) {
      throw Failures.cancelled();
    }
  }

  /** Has a cancelled call end at the next check instead of by an exception out of onNext. */
  private static <T> ServerCallStreamObserver<T> cancellable(StreamObserver<T> observer) {
    ServerCallStreamObserver<T> replies = (ServerCallStreamObserver<T>) observer;
    replies.setOnCancelHandler(() -> {});
    return replies;
  }

  /** Does the work of a call; what it throws ends the call. Says whether it threw nothing. */
  private static boolean attempt(StreamObserver<?> replies, Work work) {
    try {
      work.run();
      return true;
    } catch (Exception e) {
      replies.onError(Failures.of(e));
      return false;
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  private static <Q> MethodDescriptor<Q, RowReply> withRows(
      MethodDescriptor<Q, ?> method, int wrapperField) {
    return method.toBuilder(method.getRequestMarshaller(), new RowReplyMarshaller(wrapperField))
        .build();
  }
}
