package io.scone.client;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Counts what a client does; a call costs a few additions to counters that threads do not share.
 */
final class Meter {
  private static final long MAX_MICROS = Duration.ofHours(1).toNanos() / 1000;

  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder overloads = new LongAdder();
  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder bytesReceived = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder cacheHits = new LongAdder();
  private final LongAdder cacheMisses = new LongAdder();
  private final ConcurrentHistogram micros = new ConcurrentHistogram(MAX_MICROS, 2);
  private final ClientStreamTracer.Factory streams = new Streams(true);
  private final ClientStreamTracer.Factory sharedStreams = new Streams(false);

  /** Returns what counts the requests on the wire: all attempts, gRPC's own too. */
  ClientStreamTracer.Factory streams() {
    return streams;
  }

  /** Returns what counts the bytes of calls whose requests are counted one by one. */
  ClientStreamTracer.Factory sharedStreams() {
    return sharedStreams;
  }

  /** Counts a request of a shared call. */
  void requested() {
    requests.increment();
  }

  /** Counts a call that has ended. */
  void called(long nanos, boolean failed) {
    calls.increment();
    if (failed) {
      failures.increment();
    }
    micros.recordValue(Math.min(MAX_MICROS, Math.max(0, nanos / 1000)));
  }

  /** Counts a request that a server refused because it had too much to do. */
  void overloaded() {
    overloads.increment();
  }

  /** Counts rows that a call returned. */
  void returned(int count) {
    rows.add(count);
  }

  /** Counts positions that a cache was asked for. */
  void cached(int hits, int misses) {
    cacheHits.add(hits);
    cacheMisses.add(misses);
  }

  /**
   * Returns what was counted.
   *
   * @param cacheBytes the bytes that the row cache holds, which nobody counts here
   */
  Statistics statistics(long cacheBytes) {
    ConcurrentHistogram latency = micros.copy();
    return new Statistics(
        calls.sum(),
        failures.sum(),
        requests.sum(),
        overloads.sum(),
        bytesSent.sum(),
        bytesReceived.sum(),
        rows.sum(),
        cacheHits.sum(),
        cacheMisses.sum(),
        cacheBytes,
        micros(latency.getValueAtPercentile(50)),
        micros(latency.getValueAtPercentile(99)),
        micros(latency.getMaxValue()));
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(micros * 1000);
  }

  private final class Streams extends ClientStreamTracer.Factory {
    private final boolean counted;
    private final ClientStreamTracer bytes =
        new ClientStreamTracer() {
          @Override
          public void outboundWireSize(long bytes) {
            bytesSent.add(bytes);
          }

          @Override
          public void inboundWireSize(long bytes) {
            bytesReceived.add(bytes);
          }
        };

    Streams(boolean counted) {
      this.counted = counted;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      if (counted) {
        requests.increment();
      }
      return bytes;
    }
  }
}
