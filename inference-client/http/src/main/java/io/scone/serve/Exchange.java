package io.scone.serve;

/** A request for completions and whether its caller still waits. Safe for use by many threads. */
final class Exchange {
  private CompletionCall call;
  private boolean left;

  /** Notes the call that answers the request; it is given up if the caller has left. */
  void answeredBy(CompletionCall begun) {
    boolean late;
    synchronized (this) {
      call = begun;
      late = left;
    }
    if (late) {
      begun.cancel();
    }
  }

  /** Notes that the caller waits no more. */
  void leave() {
    CompletionCall begun;
    synchronized (this) {
      left = true;
      begun = call;
    }
    if (begun != null) {
      begun.cancel();
    }
  }
}
