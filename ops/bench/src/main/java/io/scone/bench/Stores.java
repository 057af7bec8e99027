package io.scone.bench;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.scone.progress.Progress;
import io.scone.table.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stores of a run, all of them up and loaded with the same rows. */
final class Stores implements AutoCloseable {
  private static final String ADD_OPENS =
      "--add-opens java.base/java.nio=ALL-UNNAMED --add-exports java.base/sun.nio.ch=ALL-UNNAMED";

  private final ServingConfig config;
  private final BenchmarkData data;
  private final Daemon.Launcher launcher;
  private final Progress progress;
  private final List<Peer> peers = new ArrayList<>();
  private final Map<String, String> skipped = new LinkedHashMap<>();
  private final List<ServingResults.Start> starts = new ArrayList<>();
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private RedisServer redis;

  private Stores(
      ServingConfig config, BenchmarkData data, Daemon.Launcher launcher, Progress progress) {
    this.config = config;
    this.data = data;
    this.launcher = launcher;
    this.progress = progress;
  }

  /** Starts and loads stores; those that this machine does not have are skipped. */
  static Stores open(
      ServingConfig config, BenchmarkData data, Daemon.Launcher launcher, Progress progress)
      throws IOException {
    Stores stores = new Stores(config, data, launcher, progress);
    try {
      for (Store store : config.stores()) {
        stores.open(store);
      }
      return stores;
    } catch (IOException | RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  /** Returns the stores that are there. */
  List<Peer> peers() {
    return peers;
  }

  /** Returns the stores that are not, by name, and why. */
  Map<String, String> skipped() {
    return skipped;
  }

  /** Returns how long the cache servers took to start. */
  List<ServingResults.Start> starts() {
    return starts;
  }

  @Override
  public void close() {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("a store cannot be closed", e);
      }
    }
  }

  private void open(Store store) throws IOException {
    String name = store.toString();
    switch (store) {
      case SCONE_RAM -> startScone(name, List.of("--residency", "ram"));
      case SCONE_DISK -> startScone(name, List.of("--residency", "disk"));
      case REDIS_CANDIDATES -> addRedis(name, RedisPeer.Way.CANDIDATES);
      case REDIS_EXACT -> addRedis(name, RedisPeer.Way.EXACT);
      case REDIS_EXACT_DISTINCT -> addRedis(name, RedisPeer.Way.EXACT_DISTINCT);
      case RAW_TCP -> add(TcpPeer.start(name, data, matrix()));
      case LMDB -> openLmdb(name);
      case TABLE_DISK -> {
        PageCache.read(data.table());
        add(new TablePeer(name, Table.open(data.table())));
      }
      case MMAP -> {
        MappedRows rows = MappedRows.open(matrix(), data.rowBytes());
        add(new MatrixPeer(name, data.index(), rows, data.rowBytes()));
      }
    }
  }

  private void add(Peer peer) {
    resources.push(peer);
    peers.add(peer);
  }

  private void startScone(String name, List<String> options) throws IOException {
    PageCache.read(data.table());
    List<Double> seconds = new ArrayList<>();
    Daemon daemon = null;
    for (int i = 0; i < config.starts(); i++) {
      if (daemon != null) {
        daemon.close();
      }
      long begun = System.nanoTime();
      daemon = launcher.start(data.table(), options);
      awaitServing(daemon);
      seconds.add((System.nanoTime() - begun) / 1e9);
    }
    Summary summary = Summary.of(seconds);
    starts.add(new ServingResults.Start(name, summary.median(), summary.min(), summary.max()));
    add(new SconePeer(name, daemon));
  }

  private static void awaitServing(Daemon daemon) throws IOException {
    ManagedChannel channel =
        Grpc.newChannelBuilder(daemon.address(), InsecureChannelCredentials.create()).build();
    try {
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      HealthCheckRequest request = HealthCheckRequest.getDefaultInstance();
      while (health.check(request).getStatus() != ServingStatus.SERVING) {
        Thread.onSpinWait();
      }
    } catch (StatusRuntimeException e) {
      daemon.close();
      throw new IOException("the cache server does not serve: " + e.getMessage(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  private void addRedis(String name, RedisPeer.Way way) throws IOException {
    Optional<Path> program = RedisServer.program();
    if (program.isEmpty()) {
      skipped.put(name, "there is no redis-server on the PATH");
      return;
    }
    if (redis == null) {
      redis = RedisServer.start(program.get(), data, progress);
      resources.push(redis);
    }
    add(new RedisPeer(name, redis, way, data.index()));
  }

  private void openLmdb(String name) throws IOException {
    if (!Object.class.getModule().isOpen("java.nio", getClass().getModule())) {
      skipped.put(name, "this virtual machine runs without " + ADD_OPENS);
      return;
    }
    add(LmdbPeer.open(name, data, progress));
    PageCache.read(LmdbPeer.directory(data));
  }

  private Path matrix() throws IOException {
    Path file = data.path("rows.bin");
    if (!Files.exists(file)) {
      MappedRows.write(file, data);
    }
    return file;
  }
}
