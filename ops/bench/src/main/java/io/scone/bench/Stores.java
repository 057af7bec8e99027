package io.scone.bench;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The stores of a run, all of them up and loaded with the same rows, each with a process of its own
 * that asks it.
 */
final class Stores implements AutoCloseable {
  private final ServingConfig config;
  private final BenchmarkData data;
  private final Daemon.Launcher launcher;
  private final Progress progress;
  private final Map<Store, AskingProcess> askers = new LinkedHashMap<>();
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

  /** Returns the stores that are there, each with the process that asks it. */
  Map<Store, AskingProcess> askers() {
    return askers;
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
    switch (store) {
      case SCONE_RAM -> startScone(store, List.of("--residency", "ram"));
      case SCONE_DISK -> startScone(store, List.of("--residency", "disk"));
      case REDIS_CANDIDATES, REDIS_EXACT, REDIS_EXACT_DISTINCT -> startRedis(store);
      case RAW_TCP -> startTcp(store);
      case LMDB, TABLE_DISK, MMAP -> add(store, AskingProcess.start(store, data));
    }
  }

  private void add(Store store, AskingProcess asker) {
    resources.push(asker);
    askers.put(store, asker);
  }

  private void startScone(Store store, List<String> options) throws IOException {
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
    resources.push(daemon);
    Summary summary = Summary.of(seconds);
    starts.add(
        new ServingResults.Start(store.toString(), summary.median(), summary.min(), summary.max()));
    add(store, AskingProcess.start(store, data, daemon.address(), daemon.process()));
  }

  private static void awaitServing(Daemon daemon) throws IOException {
    ManagedChannel channel =
        Grpc.newChannelBuilder(daemon.address(), InsecureChannelCredentials.create()).build();
    try {
      // Watched, not asked again and again: on few processors the asking would slow down the start.
      Iterator<HealthCheckResponse> changes =
          HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
      while (changes.next().getStatus() != ServingStatus.SERVING) {}
    } catch (StatusRuntimeException e) {
      daemon.close();
      throw new IOException("the cache server does not serve: " + e.getMessage(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  private void startRedis(Store store) throws IOException {
    Optional<Path> program = RedisServer.program();
    if (program.isEmpty()) {
      skipped.put(store.toString(), "there is no redis-server on the PATH");
      return;
    }
    if (redis == null) {
      redis = RedisServer.start(program.get(), data, progress);
      resources.push(redis);
    }
    add(store, AskingProcess.start(store, data, redis.address(), redis.process()));
  }

  private void startTcp(Store store) throws IOException {
    Path log = data.path("tcp.log");
    List<String> command =
        ChildProcess.java(
            List.of(),
            TcpServer.class.getName(),
            List.of(
                data.fgramFile().toString(),
                MappedRows.prepare(data).toString(),
                Integer.toString(data.rowBytes())));
    ChildProcess server = ChildProcess.startServer(command, log);
    resources.push(server);
    String address = server.process().inputReader(StandardCharsets.UTF_8).readLine();
    if (address == null) {
      throw new IOException("the TCP server did not start: " + Files.readString(log).strip());
    }
    add(store, AskingProcess.start(store, data, address, server.process().toHandle()));
  }
}
