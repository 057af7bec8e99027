package io.scone.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.scone.fgram.FgramFilter;
import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.fgram.FgramShard;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
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
import io.scone.v1.RowFormat;
import io.scone.v1.ShardInfo;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import io.scone.v1.TableVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A small real server of random f-grams over a socket; it refuses what is over its limits. */
final class FgramService extends EmbeddingServiceGrpc.EmbeddingServiceImplBase
    implements AutoCloseable {
  static final int VOCABULARY = 40;
  static final int MAX_NGRAM = 4;
  static final int DIM = 3;
  static final int MAX_TOKENS = 50;
  static final int MAX_FGRAMS = 9;
  static final int MAX_ROWS = 30;
  static final int MAX_CONTINUATIONS = 20;
  private static final int FILTER_PART_BYTES = 256;
  private static final int LISTED = 100;
  static final String MODEL = new Fingerprint().update("model").finish();

  private static final RowCodec CODEC = new RowCodec(Dtype.F16, DIM);
  private static final RowFormat FORMAT =
      RowFormat.newBuilder()
          .setType(CODEC.dtype().rowType())
          .setDim(DIM)
          .setRowBytes(CODEC.rowBytes())
          .build();

  final AtomicInteger requests = new AtomicInteger();

  /** Versions of the table that calls named. */
  final Set<String> pinned = ConcurrentHashMap.newKeySet();

  /** Streams of matches that were begun. */
  final AtomicInteger streams = new AtomicInteger();

  /** Streams of matches that clients ended. */
  final AtomicInteger streamsEnded = new AtomicInteger();

  /** The connections that calls came over. */
  final Set<SocketAddress> peers = ConcurrentHashMap.newKeySet();

  /** Calls still to be refused with UNAVAILABLE. */
  final AtomicInteger refusals = new AtomicInteger();

  /** Calls still to be refused with RESOURCE_EXHAUSTED, for a while. */
  final AtomicInteger overloads = new AtomicInteger();

  /** For how long those are refused. */
  volatile int overloadMillis = 1;

  /** Calls still never to be answered. */
  final AtomicInteger silences = new AtomicInteger();

  /** Replies still to name a version of the table of their own. */
  final AtomicInteger replacements = new AtomicInteger();

  /** The limit of that name. */
  volatile int maxTokens = MAX_TOKENS;

  /** What calls must bring along as authorization; null for nothing. */
  volatile String authorization;

  /** Whether calls are never answered. */
  volatile boolean silent;

  /** Whether replies name rows that they do not hold. */
  volatile boolean lying;

  /** Whether there are f-gram filters. */
  volatile boolean filtering;

  /** Whether frequent f-grams are listed. */
  volatile boolean listing;

  /** Questions for a filter or a list still to be told that it is not made. */
  final AtomicInteger unmadeFilters = new AtomicInteger();

  /** Filters that were sent to their end. */
  final AtomicInteger filtersSent = new AtomicInteger();

  /** Lists that were sent to their end. */
  final AtomicInteger listsSent = new AtomicInteger();

  private final HealthStatusManager health = new HealthStatusManager();
  private volatile Content content;
  private final Server server;
  private final int port;

  /** Starts a server at any port of the loopback address. */
  FgramService(long seed) throws IOException {
    this(
        seed,
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  FgramService(long seed, NettyServerBuilder builder) throws IOException {
    load(seed, "version");
    serving(true);
    server =
        builder
            .addService(ServerInterceptors.intercept(this, new Door()))
            .addService(health.getHealthService())
            .build()
            .start();
    port = server.getPort();
  }

  /** Replaces the table by one of other f-grams. */
  final void load(long seed, String version) {
    loadShard(seed, version, 0, 1);
  }

  /** Replaces the table by a shard of one; there is but one shard where the table is whole. */
  final void loadShard(long seed, String version, int shard, int shards) {
    Random random = new Random(seed);
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int i = 0; i < 300; i++) {
      int[] fgram = random.ints(MAX_NGRAM, 0, VOCABULARY).toArray();
      for (int n = 2; n <= MAX_NGRAM; n++) {
        keys.add(FgramKey.encode(fgram, MAX_NGRAM - n, n));
      }
    }
    List<int[]> whole = keys.stream().map(FgramKey::decode).toList();
    List<Integer> rows =
        IntStream.range(0, whole.size())
            .filter(i -> shards == 1 || shardOf(whole.get(i), shards) == shard)
            .boxed()
            .toList();
    List<int[]> fgrams = rows.stream().map(whole::get).toList();
    FgramIndex.Builder indexed = FgramIndex.builder(VOCABULARY, MAX_NGRAM, fgrams.size());
    fgrams.forEach(indexed::add);
    ShardInfo info =
        shards == 1
            ? null
            : ShardInfo.newBuilder()
                .setIndex(shard)
                .setCount(shards)
                .setTableVersion(version)
                .build();
    String name = shards == 1 ? version : version + ", shard " + shard;
    content = new Content(fgrams, indexed.build(), rows, name, info);
  }

  static int shardOf(int[] fgram, int shards) {
    return FgramShard.of(fgram[fgram.length - 2], fgram[fgram.length - 1], shards);
  }

  /**
   * The table.
   *
   * @param rows for each ordinal, that of the f-gram in the whole table, which its row tells
   * @param shard which shard it is, or null for a whole table
   */
  private record Content(
      List<int[]> fgrams, FgramIndex index, List<Integer> rows, String version, ShardInfo shard) {}

  String address() {
    return "localhost:" + port();
  }

  int port() {
    return port;
  }

  /** Says by the health service whether calls are welcome. */
  final void serving(boolean serving) {
    health.setStatus(
        EmbeddingServiceGrpc.SERVICE_NAME,
        serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** Returns the f-grams by ordinal. */
  List<int[]> fgrams() {
    return content.fgrams;
  }

  FgramIndex index() {
    return content.index;
  }

  /** Returns the row of an ordinal. */
  static float[] row(int ordinal) {
    return new float[] {ordinal, -ordinal, 0.5f};
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  @Override
  public void getServerInfo(
      GetServerInfoRequest request, StreamObserver<GetServerInfoResponse> replies) {
    if (refuse(replies)) {
      return;
    }
    Content content = this.content;
    TableInfo table =
        TableInfo.newBuilder()
            .setVersion(version(content))
            .setRowFormat(FORMAT)
            .setVocabularySize(VOCABULARY)
            .setMaxNgram(MAX_NGRAM)
            .setRowCount(content.index.size())
            .mergeFrom(
                content.shard == null
                    ? TableInfo.getDefaultInstance()
                    : TableInfo.newBuilder().setShard(content.shard).build())
            .build();
    Limits limits =
        Limits.newBuilder()
            .setMaxTokens(maxTokens)
            .setMaxFgrams(MAX_FGRAMS)
            .setMaxRowBytes((long) MAX_ROWS * CODEC.rowBytes())
            .setMaxRequestBytes(4096)
            .setMaxContinuations(MAX_CONTINUATIONS)
            .build();
    replies.onNext(
        GetServerInfoResponse.newBuilder()
            .setServerVersion("test")
            .addTables(table)
            .setLimits(limits)
            .build());
    replies.onCompleted();
  }

  @Override
  public void match(MatchRequest request, StreamObserver<MatchResponse> replies) {
    if (refuse(replies) || refuse(request.getSelector(), request.getTokensCount(), replies)) {
      return;
    }
    int[] tokens = request.getTokensList().stream().mapToInt(Integer::intValue).toArray();
    Content content = this.content;
    MatchResponse.Builder reply =
        MatchResponse.newBuilder().setServedBy(version(content)).setRowFormat(FORMAT);
    Map<Integer, Integer> rows = new LinkedHashMap<>();
    int asked = 0;
    int continued = 0;
    int begin = 0;
    for (int window = 0; window < request.getWindowLengthsCount(); window++) {
      int end = begin + request.getWindowLengths(window);
      for (int i = begin + request.getContextLengths(window); i < end; i++, asked++) {
        long match = content.index.longestMatch(tokens, begin, i);
        if (match != FgramIndex.NONE) {
          rows.putIfAbsent(FgramIndex.ordinal(match), rows.size());
          int row = rows.get(FgramIndex.ordinal(match));
          reply
              .addPositions(asked)
              .addRowIndices(lying ? row + 1000 : row)
              .addMatchLengths(FgramIndex.length(match));
        }
      }
      if (request.getContinuationsCount() > 0) {
        int[] before = Arrays.copyOfRange(tokens, begin, end);
        addContinuations(content, before, request.getContinuations(window), rows, reply);
        continued += request.getContinuations(window);
      }
      begin = end;
    }
    if (asked + continued > MAX_ROWS) {
      replies.onError(Status.INVALID_ARGUMENT.withDescription("rows").asRuntimeException());
      return;
    }
    reply.setRows(encode(content, List.copyOf(rows.keySet())));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  /**
   * Answers as {@link #match} does, in order: what that refuses ends the stream, and what it never
   * answers holds up what follows.
   */
  @Override
  public StreamObserver<StreamMatchRequest> streamMatch(
      StreamObserver<StreamMatchResponse> replies) {
    streams.incrementAndGet();
    return new StreamObserver<>() {
      private boolean unanswered;

      @Override
      public void onNext(StreamMatchRequest request) {
        if (unanswered) {
          return;
        }
        unanswered = true;
        match(
            request.getRequest(),
            new StreamObserver<>() {
              @Override
              public void onNext(MatchResponse reply) {
                unanswered = false;
                replies.onNext(StreamMatchResponse.newBuilder().setResponse(reply).build());
              }

              @Override
              public void onError(Throwable t) {
                replies.onError(t);
              }

              @Override
              public void onCompleted() {}
            });
      }

      @Override
      public void onError(Throwable t) {}

      @Override
      public void onCompleted() {
        streamsEnded.incrementAndGet();
        replies.onCompleted();
      }
    };
  }

  /** Adds the tokens of the vocabulary that would end an f-gram, the longest first. */
  private static void addContinuations(
      Content content,
      int[] window,
      int most,
      Map<Integer, Integer> rows,
      MatchResponse.Builder reply) {
    int[] followed = Arrays.copyOf(window, window.length + 1);
    Map<Integer, Long> matches = new HashMap<>();
    for (int token = 0; token < VOCABULARY; token++) {
      followed[window.length] = token;
      long match = content.index.longestMatch(followed, 0, window.length);
      if (match != FgramIndex.NONE) {
        matches.put(token, match);
      }
    }
    List<Integer> tokens =
        matches.keySet().stream()
            .sorted(Comparator.comparing(token -> -FgramIndex.length(matches.get(token))))
            .limit(most)
            .toList();
    for (int token : tokens) {
      int ordinal = FgramIndex.ordinal(matches.get(token));
      rows.putIfAbsent(ordinal, rows.size());
      reply
          .addContinuationTokens(token)
          .addContinuationRowIndices(rows.get(ordinal))
          .addContinuationMatchLengths(FgramIndex.length(matches.get(token)));
    }
    reply
        .addContinuationCounts(tokens.size())
        .addContinuationsComplete(most > 0 && tokens.size() == matches.size());
  }

  @Override
  public void getFgramFilter(
      GetFgramFilterRequest request, StreamObserver<GetFgramFilterResponse> replies) {
    if (!filtering) {
      super.getFgramFilter(request, replies);
      return;
    }
    Content content = this.content;
    GetFgramFilterResponse.Builder reply =
        GetFgramFilterResponse.newBuilder().setServedBy(version(content));
    if (!take(unmadeFilters)) {
      FgramFilter filter = FgramFilter.forFgrams(content.fgrams.size());
      content.fgrams.forEach(fgram -> filter.add(FgramFilter.hash(fgram, 0, fgram.length)));
      long left = filter.size() - request.getOffset();
      ByteBuffer part = ByteBuffer.allocate((int) Math.min(FILTER_PART_BYTES, left));
      filter.get(request.getOffset(), part);
      reply.setTotalBytes(filter.size()).setData(ByteString.copyFrom(part.flip()));
      if (left <= FILTER_PART_BYTES) {
        filtersSent.incrementAndGet();
      }
    }
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  @Override
  public void listFrequentFgrams(
      ListFrequentFgramsRequest request, StreamObserver<ListFrequentFgramsResponse> replies) {
    if (!listing) {
      super.listFrequentFgrams(request, replies);
      return;
    }
    Content content = this.content;
    ListFrequentFgramsResponse.Builder reply =
        ListFrequentFgramsResponse.newBuilder().setServedBy(version(content));
    if (!take(unmadeFilters)) {
      int offset = (int) request.getOffset();
      List<int[]> fgrams = content.fgrams;
      for (int[] fgram : fgrams.subList(offset, Math.min(offset + LISTED, fgrams.size()))) {
        reply.addLengths(fgram.length);
        Arrays.stream(fgram).forEach(reply::addTokens);
      }
      reply.setTotal(fgrams.size());
      if (reply.getLengthsCount() == 0) {
        listsSent.incrementAndGet();
      }
    }
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  @Override
  public void lookup(LookupRequest request, StreamObserver<LookupResponse> replies) {
    if (refuse(replies) || refuse(request.getSelector(), request.getTokensCount(), replies)) {
      return;
    }
    Content content = this.content;
    LookupResponse.Builder reply =
        LookupResponse.newBuilder().setServedBy(version(content)).setRowFormat(FORMAT);
    List<Integer> ordinals = find(content, request.getTokensList(), request.getLengthsList());
    ordinals.forEach(ordinal -> reply.addFound(ordinal >= 0));
    reply.setRows(encode(content, ordinals.stream().filter(ordinal -> ordinal >= 0).toList()));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  @Override
  public void contains(ContainsRequest request, StreamObserver<ContainsResponse> replies) {
    if (refuse(replies) || refuse(request.getSelector(), request.getTokensCount(), replies)) {
      return;
    }
    Content content = this.content;
    ContainsResponse.Builder reply = ContainsResponse.newBuilder().setServedBy(version(content));
    find(content, request.getTokensList(), request.getLengthsList())
        .forEach(ordinal -> reply.addFound(ordinal >= 0));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  private static List<Integer> find(
      Content content, List<Integer> tokenList, List<Integer> lengths) {
    int[] tokens = tokenList.stream().mapToInt(Integer::intValue).toArray();
    int[] begin = {0};
    return lengths.stream()
        .map(
            length -> {
              begin[0] += length;
              return content.index.find(tokens, begin[0] - length, length);
            })
        .toList();
  }

  private TableVersion version(Content content) {
    return TableVersion.newBuilder()
        .setTable("test")
        .setVersion(take(replacements) ? "version " + requests.get() : content.version)
        .setModelFingerprint(MODEL)
        .build();
  }

  private boolean refuse(StreamObserver<?> replies) {
    requests.incrementAndGet();
    if (take(refusals)) {
      replies.onError(Status.UNAVAILABLE.withDescription("draining").asRuntimeException());
      return true;
    }
    if (take(overloads)) {
      Duration delay =
          Duration.newBuilder()
              .setSeconds(overloadMillis / 1000)
              .setNanos(overloadMillis % 1000 * 1_000_000)
              .build();
      replies.onError(
          failure(
              Code.RESOURCE_EXHAUSTED,
              "too many requests",
              Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build())));
      return true;
    }
    return silent || take(silences);
  }

  private boolean refuse(TableSelector selector, int tokens, StreamObserver<?> replies) {
    if (!selector.getVersion().isEmpty()) {
      pinned.add(selector.getVersion());
    }
    String model = selector.getModelFingerprint();
    if (!model.isEmpty() && !model.equals(MODEL)) {
      replies.onError(
          Status.FAILED_PRECONDITION.withDescription("of another model").asRuntimeException());
      return true;
    }
    if (tokens > maxTokens) {
      replies.onError(
          failure(
              Code.INVALID_ARGUMENT,
              "tokens",
              Any.pack(ErrorInfo.newBuilder().setReason("LIMIT_EXCEEDED").build())));
      return true;
    }
    return false;
  }

  private static StatusRuntimeException failure(Code code, String message, Any detail) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(detail)
            .build());
  }

  private static boolean take(AtomicInteger some) {
    return some.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  /** Notes who calls, and lets in who may. */
  private final class Door implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      peers.add(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
      if (authorization != null && !authorization.equals(headers.get(AUTHORIZATION))) {
        call.close(Status.UNAUTHENTICATED.withDescription("wrong token"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }

  private static ByteString encode(Content content, List<Integer> ordinals) {
    ByteBuffer rows = ByteBuffer.allocate(ordinals.size() * CODEC.rowBytes());
    ordinals.forEach(ordinal -> CODEC.encode(row(content.rows.get(ordinal)), 0, rows));
    return ByteString.copyFrom(rows.flip());
  }
}
