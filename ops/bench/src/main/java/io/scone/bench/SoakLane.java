package io.scone.bench;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** One call in flight until a time is over, whatever becomes of the calls. */
final class SoakLane implements Runnable {
  private final Caller caller;
  private final Cursor cursor;
  private final Receiver receiver;
  private final Tally tally;
  private final long until;
  private final CountDownLatch running;

  /**
   * Makes a lane.
   *
   * @param until when it ends, in the time of {@link System#nanoTime()}
   * @param running is counted down when it has ended
   */
  SoakLane(
      Caller caller,
      Cursor cursor,
      Receiver receiver,
      Tally tally,
      long until,
      CountDownLatch running) {
    this.caller = caller;
    this.cursor = cursor;
    this.receiver = receiver;
    this.tally = tally;
    this.until = until;
    this.running = running;
  }

  @Override
  public void run() {
    while (System.nanoTime() < until) {
      Query query = cursor.next();
      receiver.begin(query);
      long begun = System.nanoTime();
      CompletableFuture<Void> answer = query.ask(caller, receiver);
      if (!answer.isDone()) {
        var unused =
            answer.whenComplete(
                (done, failure) -> {
                  finish(query, begun, failure);
                  run();
                });
        return;
      }
      answer
          .handle(
              (done, failure) -> {
                finish(query, begun, failure);
                return null;
              })
          .join();
    }
    running.countDown();
  }

  private void finish(Query query, long begun, Throwable failure) {
    if (failure != null) {
      tally.failed(failure);
      return;
    }
    try {
      tally.answered(query, receiver.end(), System.nanoTime() - begun);
    } catch (WrongAnswerException e) {
      tally.failed(e);
    }
  }
}
