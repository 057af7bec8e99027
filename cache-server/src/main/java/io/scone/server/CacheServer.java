package io.scone.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.TableInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server of f-gram embeddings: {@code scone.v1} and the standard health and reflection
 * services over gRPC.
 *
 * <p>It owns its tables: it opens them when it starts and closes them when it stops.
 */
public final class CacheServer implements AutoCloseable {
  /*
   * Calls answered from memory run on the event loops: handing them to another thread costs more
   * than many of them take. Calls that read rows of tables that are not wholly in memory run on
   * threads of their own, because a row may have to come from the disk, and an event loop that waits
   * holds up every connection it carries.
   */

  private static final Logger LOG = LoggerFactory.getLogger(CacheServer.class);
  private static final Set<String> ROW_READING_METHODS =
      Set.of(
          EmbeddingService.MATCH.getFullMethodName(),
          EmbeddingService.STREAM_MATCH.getFullMethodName(),
          EmbeddingService.LOOKUP.getFullMethodName());
  private static final Set<String> LIMITED_METHODS =
      Set.of(
          EmbeddingService.MATCH.getFullMethodName(),
          EmbeddingService.STREAM_MATCH.getFullMethodName(),
          EmbeddingService.LOOKUP.getFullMethodName(),
          EmbeddingServiceGrpc.getContainsMethod().getFullMethodName(),
          EmbeddingServiceGrpc.getGetFgramFilterMethod().getFullMethodName());
  private static final int FLOW_CONTROL_WINDOW = 8 << 20;
  private static final Duration FORCED_STOP_TIMEOUT = Duration.ofSeconds(5);

  private final ServerConfig config;
  private final Security security;
  private final TableCatalog catalog;
  private final Transport transport;
  private final ThreadPoolExecutor readers;
  private final Admission admission;
  private final Connections connections;
  private final ConnectionLimit limit;
  private final ServerMetrics metrics;
  private final Health health = new Health();
  private final ObserverCalls observers = new ObserverCalls();
  private final Listeners listeners;
  private TableWatcher watcher; // null where no directory is watched
  private Optional<MetricsEndpoint> metricsEndpoint = Optional.empty();
  private boolean closed;

  private CacheServer(ServerConfig config, Security security) {
    this.config = config;
    this.security = security;
    this.catalog = new TableCatalog(config.catalog(), config.limits());
    this.metrics = new ServerMetrics(catalog);
    this.limit = new ConnectionLimit(config.connections().maxConnections());
    this.transport = new Transport(config.listen().eventLoops(), limit);
    int threads = 2 * Runtime.getRuntime().availableProcessors();
    this.readers =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("scone-read", true));
    this.admission = new Admission(config.admission(), metrics);
    this.connections = new Connections(admission);
    this.listeners = new Listeners(config.listen(), transport, security, this::withServices);
    addGauges();
  }

  /**
   * Opens the tables, listens, and returns once the server is warm and its health is SERVING. A
   * server without a table answers for its administration only, until the first table is active.
   *
   * @param tables the directories of the tables by the names to serve them by; the first is the
   *     default table. Those of the watched directory come after them
   * @throws IOException if a table cannot be opened, a file of certificates or tokens not be used,
   *     or an address not be listened on; the message is a sentence
   */
  public static CacheServer start(ServerConfig config, Map<String, Path> tables)
      throws IOException {
    TransportLogs.quieten();
    CacheServer server = new CacheServer(config, Security.open(config));
    try {
      server.start(tables);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Returns the TCP address it listens on, with the port in use.
   *
   * @throws IllegalStateException if it does not listen on TCP
   */
  public InetSocketAddress address() {
    return listeners.tcpAddress();
  }

  /** Returns all addresses it listens on as clients name them: host:port, unix:/path. */
  public List<String> addresses() {
    return listeners.addresses();
  }

  /** Returns what its tables hold; the first is the default table. */
  public List<TableInfo> tables() {
    return catalog.active().stream().map(ServedTable::info).toList();
  }

  /** Returns what is under way on all connections. */
  InFlight inFlight() {
    return admission.all();
  }

  /** Returns the threads that answer requests for rows. */
  ThreadPoolExecutor readers() {
    return readers;
  }

  /** Returns the bytes outside the heap that its connections use. */
  long bufferBytes() {
    return transport.allocator().pinnedDirectMemory();
  }

  /** Returns how many times changed certificates, keys or tokens could not be used. */
  long reloadFailures() {
    return security.reloadFailures();
  }

  /** Returns how many connections were closed because there were too many. */
  long refusedConnections() {
    return limit.refused();
  }

  /** Returns the seconds from 1970 until its certificate expires; NaN if it has none. */
  double certificateExpiry() {
    return security.certificateExpiry();
  }

  /** Returns the address its metrics are read at, with the port in use, if they are. */
  public Optional<InetSocketAddress> metricsAddress() {
    return metricsEndpoint.map(MetricsEndpoint::address);
  }

  /** Waits until the server has stopped. */
  public void awaitTermination() throws InterruptedException {
    listeners.awaitTermination();
  }

  /**
   * Stops the server: its health turns NOT_SERVING; after the drain delay it takes no new
   * connections and tells its clients to make others; calls under way have until the drain timeout
   * to end, then the rest are cancelled and the tables closed.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean served = health.isServing();
    health.stop();
    if (served) {
      LOG.info("health is NOT_SERVING; draining begins in {}", config.drain().delay());
      sleep(config.drain().delay());
    }
    listeners.shutdown();
    observers.end();
    if (!await(config.drain().timeout())) {
      LOG.warn("calls were still under way after {} and are cancelled", config.drain().timeout());
      listeners.shutdownNow();
      await(FORCED_STOP_TIMEOUT);
    }
    if (watcher != null) {
      watcher.close();
    }
    security.close();
    readers.shutdown();
    transport.close();
    metricsEndpoint.ifPresent(MetricsEndpoint::close);
    metrics.close();
    catalog.close();
  }

  private void start(Map<String, Path> tables) throws IOException {
    metricsEndpoint = MetricsEndpoint.start(config.metrics(), metrics, health::isServing);
    for (Map.Entry<String, Path> table : tables.entrySet()) {
      catalog.serve(table.getKey(), table.getValue());
    }
    if (config.catalog().watch().isPresent()) {
      CatalogConfig watch = config.catalog();
      watcher = new TableWatcher(watch.watch().get(), watch.watchInterval(), catalog);
      watcher.read();
    }
    listeners.start();
    Exposure.of(config).ifPresent(LOG::warn);
    health.serveAdministration();
    if (catalog.serving().isDone()) {
      serve();
    } else {
      CompletableFuture<Void> unused = catalog.serving().thenRunAsync(this::serveLate, readers);
    }
    if (watcher != null) {
      watcher.start();
    }
  }

  /** Warms up and turns health to SERVING; there is a table. */
  private void serve() throws IOException {
    WarmUp.run(transport, this::withServices, catalog.active(), config.limits());
    health.serve();
  }

  /** As {@link #serve}, in a server that began without a table. */
  private void serveLate() {
    try {
      serve();
    } catch (IOException e) {
      LOG.error("health stays NOT_SERVING: {}", e.getMessage());
    }
  }

  @SuppressWarnings("deprecation") // many a tool still asks the older reflection service
  private NettyServerBuilder withServices(NettyServerBuilder builder) {
    String version = CacheServer.class.getPackage().getImplementationVersion();
    EmbeddingService embeddings =
        new EmbeddingService(
            catalog, config, metrics.rows(), readers, version == null ? "not packaged" : version);
    RequestGuard guard = new RequestGuard(config.limits());
    config.connections().configure(builder);
    if (config.reflection()) {
      builder
          .addService(
              ServerInterceptors.intercept(ProtoReflectionServiceV1.newInstance(), observers))
          .addService(
              ServerInterceptors.intercept(ProtoReflectionService.newInstance(), observers));
    }
    return builder
        .directExecutor()
        .callExecutor(new ReadersForRows())
        .flowControlWindow(FLOW_CONTROL_WINDOW)
        .maxInboundMessageSize(largestMessage())
        .addTransportFilter(connections)
        .addStreamTracerFactory(new ServedCall.Factory(admission, metrics, LIMITED_METHODS))
        .addService(guard.guard(embeddings.bind()))
        .addService(guard.guard(new TableAdminService(catalog).bindService()))
        .addService(ServerInterceptors.intercept(health.service(), observers));
  }

  /**
   * Returns the bytes of a message at which gRPC itself ends a call, with a sentence of its own. It
   * lies well above the limit, so that a request over the limit is told which limit it is over.
   */
  private int largestMessage() {
    long limit = config.limits().maxRequestBytes();
    return (int) Math.min(Math.max(4 * limit, 4 << 20), Integer.MAX_VALUE);
  }

  private boolean await(Duration timeout) {
    try {
      return listeners.awaitTermination(timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void addGauges() {
    metrics.gauge("scone.serving", null, health, h -> h.isServing() ? 1 : 0);
    metrics.gauge("scone.certificate.expiry", "seconds", security, Security::certificateExpiry);
    metrics.counter("scone.reload.failures", security, Security::reloadFailures);
    metrics.gauge("scone.connections", null, connections, Connections::open);
    metrics.counter("scone.connections.refused", limit, ConnectionLimit::refused);
    metrics.gauge("scone.requests.in.flight", null, admission.all(), InFlight::requests);
    metrics.gauge(
        "scone.requests.in.flight.limit",
        null,
        config.admission(),
        AdmissionConfig::maxRequestsInFlight);
    metrics.gauge("scone.replies.in.flight", "bytes", admission.all(), InFlight::bytes);
    metrics.gauge(
        "scone.replies.in.flight.limit",
        "bytes",
        config.admission(),
        AdmissionConfig::maxBytesInFlight);
    metrics.gauge("scone.readers.busy", null, readers, ThreadPoolExecutor::getActiveCount);
    metrics.gauge("scone.readers.waiting", null, readers, pool -> pool.getQueue().size());
    metrics.gauge(
        "scone.buffers.used",
        "bytes",
        transport.allocator(),
        PooledByteBufAllocator::pinnedDirectMemory);
    metrics.gauge(
        "scone.buffers.reserved",
        "bytes",
        transport.allocator().metric(),
        PooledByteBufAllocatorMetric::usedDirectMemory);
  }

  private final class ReadersForRows implements ServerCallExecutorSupplier {
    @Override
    public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata metadata) {
      String method = call.getMethodDescriptor().getFullMethodName();
      boolean refused = ServedCall.current().refusal() != null;
      boolean mayWait = ROW_READING_METHODS.contains(method) && !catalog.isResident();
      return mayWait && !refused ? readers : null;
    }
  }
}
