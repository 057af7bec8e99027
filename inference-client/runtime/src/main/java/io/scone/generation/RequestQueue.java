package io.scone.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Requests that wait for slots, first come, first served; at most so many. */
final class RequestQueue {
  private final int capacity;
  private final Deque<SequenceGroup> waiting = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean closed;

  RequestQueue(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Adds a request at the end.
   *
   * @throws OverloadedException if there are as many as may wait
   * @throws IllegalStateException if the queue is closed
   */
  void add(SequenceGroup group) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      if (waiting.size() >= capacity) {
        throw new OverloadedException(capacity);
      }
      waiting.add(group);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  int capacity() {
    return capacity;
  }

  /** Returns the first request, or null. */
  SequenceGroup peek() {
    lock.lock();
    try {
      return waiting.peek();
    } finally {
      lock.unlock();
    }
  }

  /** Removes a request and says whether it was there. */
  boolean remove(SequenceGroup group) {
    lock.lock();
    try {
      return waiting.remove(group);
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is a request or the queue is closed. */
  void await() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more requests and returns those that wait. */
  List<SequenceGroup> close() {
    lock.lock();
    try {
      closed = true;
      List<SequenceGroup> left = new ArrayList<>(waiting);
      waiting.clear();
      changed.signal();
      return left;
    } finally {
      lock.unlock();
    }
  }
}
