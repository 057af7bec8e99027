package io.scone.cli.doctor;

import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All checks, in the order in which one thing needs another. */
public final class Doctor {
  private static final int HTTP_PORT = 8000;

  private Doctor() {}

  /**
   * Returns the checks of this machine.
   *
   * @param tables a directory where tables would go
   * @param needed bytes that must be free there
   */
  public static List<Check> ofThisMachine(Path tables, long needed) {
    List<Check> checks = new ArrayList<>();
    checks.add(JavaCheck.ofThisProcess());
    checks.add(MemoryCheck.ofThisProcess());
    checks.add(OpenFilesCheck.ofThisProcess());
    checks.add(new DiskCheck(tables, needed));
    checks.add(TemporaryDirectoryCheck.ofThisProcess());
    checks.addAll(Libraries.all());
    checks.add(CudaCheck.ofThisMachine());
    checks.add(new PortCheck("cache-server", SconeClient.DEFAULT_PORT, "--port"));
    checks.add(new PortCheck("serve", HTTP_PORT, "--listen"));
    return checks;
  }

  /**
   * Returns the check of a server.
   *
   * @param server how to reach it
   * @param secured whether over TLS
   */
  public static Check of(SconeClientBuilder server, boolean secured) {
    return new ServerCheck(server, secured);
  }
}
