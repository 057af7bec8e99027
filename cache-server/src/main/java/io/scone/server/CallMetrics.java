package io.scone.server;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.DoubleStream;

/** The meters of the calls of one method: how many ended how, and how long they took. */
final class CallMetrics {
  private static final Duration[] BUCKETS =
      DoubleStream.of(
              50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25,
              0.5, 1, 2.5, 10)
          .mapToObj(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
          .toArray(Duration[]::new);

  /** What a call spends its time on, one after another. */
  enum Stage {
    /** From the request's last byte until a thread takes it up. */
    QUEUE,
    /** Taking the request apart and finding its f-grams. */
    MATCH,
    /** Reading the rows into the reply. */
    STORE,
    /** From then until the network has taken the reply. */
    WRITE
  }

  private final MeterRegistry registry;
  private final String method;
  private final Timer total;
  private final Map<Stage, Timer> stages = new EnumMap<>(Stage.class);
  private final AtomicReferenceArray<Counter> ends =
      new AtomicReferenceArray<>(Status.Code.values().length);

  /**
   * Makes the meters.
   *
   * @param method the full name of the method
   * @param staged whether the calls are timed by stage too
   */
  CallMetrics(MeterRegistry registry, String method, boolean staged) {
    this.registry = registry;
    this.method = method;
    this.total =
        Timer.builder("scone.call")
            .tag("method", method)
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    for (Stage stage : staged ? Stage.values() : new Stage[0]) {
      stages.put(
          stage,
          Timer.builder("scone.stage")
              .tag("method", method)
              .tag("stage", stage.name().toLowerCase(Locale.ROOT))
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
    }
  }

  /** Records that a stage of a call took some time. */
  void record(Stage stage, long nanos) {
    stages.get(stage).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Records the end of a call. */
  void ended(Status.Code code, long nanos) {
    total.record(nanos, TimeUnit.NANOSECONDS);
    Counter counter = ends.get(code.value());
    if (counter == null) { // a race registers the same counter twice, which is one counter
      counter =
          Counter.builder("scone.calls")
              .tag("method", method)
              .tag("code", code.name())
              .register(registry);
      ends.set(code.value(), counter);
    }
    counter.increment();
  }
}
