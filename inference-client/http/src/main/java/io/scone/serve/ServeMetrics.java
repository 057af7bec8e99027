package io.scone.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scone.generation.EngineStatistics;
import io.scone.generation.Generation;
import io.scone.generation.GenerationEngine;
import io.scone.inference.RowStatistics;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * What a server of generation measures of itself. docs/inference.md lists every metric, and a test
 * holds it to that.
 */
final class ServeMetrics implements AutoCloseable {
  private static final Duration[] BUCKETS =
      DoubleStream.of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
          .mapToObj(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final GenerationEngine engine;
  private final Timer queue = timer("scone.generation.queue");
  private final Timer firstText = timer("scone.generation.first.text");
  private final Timer prefill = timer("scone.generation.prefill");
  private final Timer decode = timer("scone.generation.decode");
  private final Counter tokens = registry.counter("scone.generation.tokens");

  ServeMetrics(GenerationEngine engine) {
    this.engine = engine;
    engineGauge("scone.generation.waiting", EngineStatistics::waiting);
    engineGauge("scone.generation.sequences", EngineStatistics::sequences);
    engineGauge("scone.generation.cached.tokens", EngineStatistics::cachedTokens);
    gauge("scone.generation.capacity.tokens", e -> (double) e.slots() * e.capacity());
    engineCounter("scone.generation.steps", EngineStatistics::steps);
    engineCounter("scone.generation.prompt.tokens", EngineStatistics::promptTokens);
    engineCounter("scone.generation.decoded.tokens", EngineStatistics::decodedTokens);
    engineCounter("scone.generation.completed", EngineStatistics::completed);
    engineCounter("scone.generation.failed", EngineStatistics::failed);
    engineCounter("scone.generation.cancelled", EngineStatistics::cancelled);
    engineCounter("scone.generation.refused", EngineStatistics::refused);
    rowCounter("scone.rows.steps", RowStatistics::steps);
    rowCounter("scone.rows.steps.waited", RowStatistics::stepsWaited);
    rowCounter("scone.rows.steps.wait.seconds", rows -> seconds(rows.stepsWait()));
    rowCounter("scone.rows.prefetched", RowStatistics::prefetched);
    rowCounter("scone.rows.cached", RowStatistics::cached);
    rowCounter("scone.rows.awaited", RowStatistics::awaited);
    rowCounter("scone.rows.chunks", RowStatistics::chunks);
    rowCounter("scone.rows.chunks.waited", RowStatistics::chunksWaited);
    rowCounter("scone.rows.chunks.wait.seconds", rows -> seconds(rows.chunksWait()));
    rowCounter("scone.rows.missing", RowStatistics::missing);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  /** Adds a gauge of something else than the engine. */
  <T> void gauge(String name, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value).strongReference(true).register(registry);
  }

  /** Records that a request was answered. */
  void answered(String path, int status, long nanos) {
    Timer.builder("scone.http.request")
        .tag("path", path)
        .tag("status", Integer.toString(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Records after what time the first text of a prompt's choices came. */
  void firstText(long nanos) {
    firstText.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Records that a choice ended. */
  void generated(Generation generation) {
    queue.record(generation.queued());
    prefill.record(generation.prefill());
    decode.record(generation.decode());
    tokens.increment(generation.tokens().size());
    registry
        .counter(
            "scone.generation.sequences.ended",
            "reason",
            generation.stopReason().name().toLowerCase(Locale.ROOT))
        .increment();
  }

  /** Returns all metrics in Prometheus' text format, version 0.0.4. */
  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  private Timer timer(String name) {
    return Timer.builder(name).serviceLevelObjectives(BUCKETS).register(registry);
  }

  private void gauge(String name, ToDoubleFunction<GenerationEngine> value) {
    Gauge.builder(name, engine, value).strongReference(true).register(registry);
  }

  private void engineGauge(String name, ToDoubleFunction<EngineStatistics> value) {
    gauge(name, e -> value.applyAsDouble(e.statistics()));
  }

  private void engineCounter(String name, ToDoubleFunction<EngineStatistics> value) {
    FunctionCounter.builder(name, engine, e -> value.applyAsDouble(e.statistics()))
        .register(registry);
  }

  private void rowCounter(String name, ToDoubleFunction<RowStatistics> value) {
    FunctionCounter.builder(name, engine, e -> value.applyAsDouble(e.rowStatistics()))
        .register(registry);
  }
}
