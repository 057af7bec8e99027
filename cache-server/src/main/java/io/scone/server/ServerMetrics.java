package io.scone.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What a server measures of itself. docs/operations.md lists every metric, and a test holds it to
 * that.
 */
final class ServerMetrics implements AutoCloseable {
  /*
   * The meters of a method are made before its first call and found once a call. What a call then
   * records goes into counters that threads do not contend for.
   */

  private static final String UNKNOWN_METHOD = "unknown";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<String, CallMetrics> calls = new ConcurrentHashMap<>();
  private final CallMetrics unknownCalls = new CallMetrics(registry, UNKNOWN_METHOD, false);
  private final Map<LoadLimit, Counter> refusals = new EnumMap<>(LoadLimit.class);
  private final RowMetrics rows = new RowMetrics(registry);
  private final Counter received = bytes("scone.received");
  private final Counter sent = bytes("scone.sent");

  private final TableGauges tables;

  /**
   * Makes the metrics.
   *
   * @param catalog the tables
   */
  ServerMetrics(TableCatalog catalog) {
    this.tables = new TableGauges(registry, catalog);
    for (LoadLimit limit : LoadLimit.values()) {
      refusals.put(limit, registry.counter("scone.refusals", "limit", limit.fieldName()));
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    gauge("process.resident.memory", "bytes", this, metrics -> ResidentMemory.bytes());
  }

  /** Returns the meters of a method that the server has. */
  CallMetrics calls(String fullMethodName, boolean staged) {
    return calls.computeIfAbsent(fullMethodName, name -> new CallMetrics(registry, name, staged));
  }

  /** Returns the meters of the calls of methods that the server does not have. */
  CallMetrics unknownCalls() {
    return unknownCalls;
  }

  /** Returns the meters of what is asked of the tables. */
  RowMetrics rows() {
    return rows;
  }

  /** Records that a request was refused because of a limit. */
  void refused(LoadLimit limit) {
    refusals.get(limit).increment();
  }

  /** Records bytes of requests that came in. */
  void received(long bytes) {
    received.increment((double) bytes);
  }

  /** Records bytes of replies that went out. */
  void sent(long bytes) {
    sent.increment((double) bytes);
  }

  /**
   * Adds a gauge.
   *
   * @param unit the unit of its values, or null if it counts
   * @param source what it is read from, which the metrics keep
   */
  <T> void gauge(String name, String unit, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value).baseUnit(unit).strongReference(true).register(registry);
  }

  /**
   * Adds a counter.
   *
   * @param source what counts; kept as long as these metrics
   */
  <T> void counter(String name, T source, ToDoubleFunction<T> count) {
    FunctionCounter.builder(name, source, count).register(registry);
  }

  /** Returns all metrics in Prometheus' text format, version 0.0.4. */
  String scrape() {
    tables.refresh();
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  private Counter bytes(String name) {
    return Counter.builder(name).baseUnit("bytes").register(registry);
  }
}
