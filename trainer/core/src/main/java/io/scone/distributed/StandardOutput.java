package io.scone.distributed;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/**
 * The process's standard output, lent to native code: while this is open, what is printed there
 * goes to standard error, because a command's result is alone on its output. Only on Linux.
 */
final class StandardOutput implements AutoCloseable {
  private static final int OUT = 1;
  private static final int ERR = 2;

  private final int kept;

  private StandardOutput(int kept) {
    this.kept = kept;
  }

  /** Lends the output until the close. */
  static StandardOutput toError() {
    if (!Platform.isLinux()) {
      return new StandardOutput(-1);
    }
    System.out.flush();
    int kept = call("dup", OUT);
    call("dup2", ERR, OUT);
    return new StandardOutput(kept);
  }

  @Override
  public void close() {
    if (kept >= 0) {
      call("fflush", (Object) null); // all that C has not written yet
      call("dup2", kept, OUT);
      call("close", kept);
    }
  }

  private static int call(String function, Object... arguments) {
    return NativeLibrary.getProcess().getFunction(function).invokeInt(arguments);
  }
}
