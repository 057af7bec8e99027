package io.scone.distributed;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/**
 * Quiet on the process's standard output, where a command's result is alone: what native code
 * prints there while this is open is lost. Only on Linux.
 */
final class StandardOutput implements AutoCloseable {
  private static final int OUT = 1;
  private static final int WRITE_ONLY = 1;

  private final int kept;

  private StandardOutput(int kept) {
    this.kept = kept;
  }

  /** Begins; the output is as before at the close. */
  static StandardOutput silence() {
    if (!Platform.isLinux()) {
      return new StandardOutput(-1);
    }
    System.out.flush();
    int kept = call("dup", OUT);
    int nowhere = call("open", "/dev/null", WRITE_ONLY);
    call("dup2", nowhere, OUT);
    call("close", nowhere);
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
