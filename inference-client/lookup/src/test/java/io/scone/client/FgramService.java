package io.scone.client;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.ContainsRequest;
import io.scone.v1.ContainsResponse;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.Limits;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import io.scone.v1.TableVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** A small real server of random f-grams over a socket; it refuses what is over its limits. */
final class FgramService extends EmbeddingServiceGrpc.EmbeddingServiceImplBase
    implements AutoCloseable {
  static final int VOCABULARY = 40;
  static final int MAX_NGRAM = 4;
  static final int DIM = 3;
  static final int MAX_TOKENS = 50;
  static final int MAX_FGRAMS = 9;
  static final int MAX_ROWS = 30;
  static final String MODEL = new Fingerprint().update("model").finish();

  private static final RowCodec CODEC = new RowCodec(Dtype.F16, DIM);
  private static final RowFormat FORMAT =
      RowFormat.newBuilder()
          .setType(CODEC.dtype().rowType())
          .setDim(DIM)
          .setRowBytes(CODEC.rowBytes())
          .build();

  final AtomicInteger requests = new AtomicInteger();

  /** Calls still to be refused with UNAVAILABLE. */
  final AtomicInteger refusals = new AtomicInteger();

  /** Whether every reply names another version of the table. */
  volatile boolean replacing;

  /** Whether calls are never answered. */
  volatile boolean silent;

  /** Whether replies name rows that they do not hold. */
  volatile boolean lying;

  private final List<int[]> fgrams;
  private final FgramIndex index;
  private final Server server;

  FgramService(long seed) throws IOException {
    Random random = new Random(seed);
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int i = 0; i < 300; i++) {
      int[] fgram = random.ints(MAX_NGRAM, 0, VOCABULARY).toArray();
      for (int n = 2; n <= MAX_NGRAM; n++) {
        keys.add(FgramKey.encode(fgram, MAX_NGRAM - n, n));
      }
    }
    fgrams = keys.stream().map(FgramKey::decode).toList();
    FgramIndex.Builder builder = FgramIndex.builder(VOCABULARY, MAX_NGRAM, fgrams.size());
    fgrams.forEach(builder::add);
    index = builder.build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .build()
            .start();
  }

  String address() {
    return "localhost:" + server.getPort();
  }

  /** Returns the f-grams by ordinal. */
  List<int[]> fgrams() {
    return fgrams;
  }

  FgramIndex index() {
    return index;
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
    TableInfo table =
        TableInfo.newBuilder()
            .setVersion(version())
            .setRowFormat(FORMAT)
            .setVocabularySize(VOCABULARY)
            .setMaxNgram(MAX_NGRAM)
            .setRowCount(index.size())
            .build();
    Limits limits =
        Limits.newBuilder()
            .setMaxTokens(MAX_TOKENS)
            .setMaxFgrams(MAX_FGRAMS)
            .setMaxRowBytes((long) MAX_ROWS * CODEC.rowBytes())
            .setMaxRequestBytes(4096)
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
    MatchResponse.Builder reply =
        MatchResponse.newBuilder().setServedBy(version()).setRowFormat(FORMAT);
    Map<Integer, Integer> rows = new LinkedHashMap<>();
    int asked = 0;
    int begin = 0;
    for (int window = 0; window < request.getWindowLengthsCount(); window++) {
      int end = begin + request.getWindowLengths(window);
      for (int i = begin + request.getContextLengths(window); i < end; i++, asked++) {
        long match = index.longestMatch(tokens, begin, i);
        if (match != FgramIndex.NONE) {
          rows.putIfAbsent(FgramIndex.ordinal(match), rows.size());
          int row = rows.get(FgramIndex.ordinal(match));
          reply
              .addPositions(asked)
              .addRowIndices(lying ? row + 1000 : row)
              .addMatchLengths(FgramIndex.length(match));
        }
      }
      begin = end;
    }
    if (asked > MAX_ROWS) {
      replies.onError(Status.INVALID_ARGUMENT.withDescription("rows").asRuntimeException());
      return;
    }
    reply.setRows(encode(List.copyOf(rows.keySet())));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  @Override
  public void lookup(LookupRequest request, StreamObserver<LookupResponse> replies) {
    if (refuse(replies) || refuse(request.getSelector(), request.getTokensCount(), replies)) {
      return;
    }
    LookupResponse.Builder reply =
        LookupResponse.newBuilder().setServedBy(version()).setRowFormat(FORMAT);
    List<Integer> ordinals = find(request.getTokensList(), request.getLengthsList());
    ordinals.forEach(ordinal -> reply.addFound(ordinal >= 0));
    reply.setRows(encode(ordinals.stream().filter(ordinal -> ordinal >= 0).toList()));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  @Override
  public void contains(ContainsRequest request, StreamObserver<ContainsResponse> replies) {
    if (refuse(replies) || refuse(request.getSelector(), request.getTokensCount(), replies)) {
      return;
    }
    ContainsResponse.Builder reply = ContainsResponse.newBuilder().setServedBy(version());
    find(request.getTokensList(), request.getLengthsList())
        .forEach(ordinal -> reply.addFound(ordinal >= 0));
    replies.onNext(reply.build());
    replies.onCompleted();
  }

  private List<Integer> find(List<Integer> tokenList, List<Integer> lengths) {
    int[] tokens = tokenList.stream().mapToInt(Integer::intValue).toArray();
    int[] begin = {0};
    return lengths.stream()
        .map(
            length -> {
              begin[0] += length;
              return index.find(tokens, begin[0] - length, length);
            })
        .toList();
  }

  private TableVersion version() {
    return TableVersion.newBuilder()
        .setTable("test")
        .setVersion(replacing ? "version " + requests.get() : "version")
        .setModelFingerprint(MODEL)
        .build();
  }

  private boolean refuse(StreamObserver<?> replies) {
    requests.incrementAndGet();
    if (refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      replies.onError(Status.UNAVAILABLE.withDescription("draining").asRuntimeException());
      return true;
    }
    return silent;
  }

  private static boolean refuse(TableSelector selector, int tokens, StreamObserver<?> replies) {
    String model = selector.getModelFingerprint();
    if (!model.isEmpty() && !model.equals(MODEL)) {
      replies.onError(
          Status.FAILED_PRECONDITION.withDescription("of another model").asRuntimeException());
      return true;
    }
    if (tokens > MAX_TOKENS) {
      replies.onError(Status.INVALID_ARGUMENT.withDescription("tokens").asRuntimeException());
      return true;
    }
    return false;
  }

  private static ByteString encode(List<Integer> ordinals) {
    ByteBuffer rows = ByteBuffer.allocate(ordinals.size() * CODEC.rowBytes());
    ordinals.forEach(ordinal -> CODEC.encode(row(ordinal), 0, rows));
    return ByteString.copyFrom(rows.flip());
  }
}
