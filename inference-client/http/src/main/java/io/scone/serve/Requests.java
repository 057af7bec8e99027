package io.scone.serve;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The count of requests under way, and whether more are taken. */
final class Requests {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition none = lock.newCondition();
  private int underWay;
  private volatile boolean draining;

  boolean isDraining() {
    return draining;
  }

  /** Counts a request and returns what ends it, the first time that it is called. */
  Runnable begin() {
    lock.lock();
    try {
      underWay++;
    } finally {
      lock.unlock();
    }
    AtomicBoolean ended = new AtomicBoolean();
    return () -> {
      if (!ended.getAndSet(true)) {
        end();
      }
    };
  }

  private void end() {
    lock.lock();
    try {
      underWay--;
      none.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int underWay() {
    lock.lock();
    try {
      return underWay;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more requests and waits until none is under way, or for so long. */
  void drain(Duration most) {
    draining = true;
    lock.lock();
    try {
      long left = most.toNanos();
      while (underWay > 0 && left > 0) {
        left = none.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
