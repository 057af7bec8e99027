package io.scone.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What is under way at this moment, of one connection or of all, against its limits. */
final class InFlight {
  private final int maxRequests;
  private final long maxBytes;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  InFlight(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  int requests() {
    return requests.get();
  }

  long bytes() {
    return bytes.get();
  }

  /** Adds a request if the limit allows it. */
  boolean addRequest() {
    if (requests.incrementAndGet() <= maxRequests) {
      return true;
    }
    requests.decrementAndGet();
    return false;
  }

  void removeRequest() {
    requests.decrementAndGet();
  }

  /**
   * Adds bytes if the limit allows it, or if there are none but those of the same call.
   *
   * @param own the bytes that the call has added before
   */
  boolean addBytes(long added, long own) {
    long after = bytes.addAndGet(added);
    if (after <= maxBytes || after == own + added) {
      return true;
    }
    bytes.addAndGet(-added);
    return false;
  }

  void removeBytes(long removed) {
    bytes.addAndGet(-removed);
  }
}
