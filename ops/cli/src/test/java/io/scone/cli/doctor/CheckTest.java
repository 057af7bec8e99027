package io.scone.cli.doctor;

import static io.scone.cli.doctor.Finding.Status.OK;
import static io.scone.cli.doctor.Finding.Status.PROBLEM;
import static io.scone.cli.doctor.Finding.Status.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scone.cli.doctor.Finding.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each check on this machine, and on what it was told of another. */
@Timeout(120)
class CheckTest {
  @TempDir private Path directory;

  @Test
  void thisMachineRunsTheseTestsSoThatItIsWell() {
    List<Check> checks = Doctor.ofThisMachine(directory, 1);
    assertEquals(12, checks.size());
    for (Check check : checks) {
      Finding finding = check.look();
      assertFalse(finding.status() == PROBLEM, () -> check.name() + ": " + finding);
      assertEquals(finding.status() == OK, finding.advice() == null, check.name());
    }
  }

  @Test
  void javaMustBeAJdkOfARangeOnLinuxOnX86() {
    expect(OK, new JavaCheck(17, 64, "Linux", "amd64", true));
    expect(PROBLEM, new JavaCheck(11, 64, "Linux", "amd64", true));
    expect(PROBLEM, new JavaCheck(17, 32, "Linux", "i386", true));
    expect(PROBLEM, new JavaCheck(21, 64, "Linux", "aarch64", true));
    expect(PROBLEM, new JavaCheck(21, 64, "Mac OS X", "amd64", true));
    expect(WARNING, new JavaCheck(21, 64, "Linux", "amd64", false));
    expect(WARNING, new JavaCheck(99, 64, "Linux", "amd64", true));
  }

  @Test
  void memoryIsWhatTheContainerAllowsAndMostlyForWhatIsOutsideTheHeap() {
    long gib = Bytes.GIB;
    expect(OK, new MemoryCheck(64 * gib, 64 * gib, 16 * gib));
    Finding small = new MemoryCheck(64 * gib, 2 * gib, gib / 2).look();
    assertEquals(WARNING, small.status());
    assertEquals("2.0 GiB allowed of 64.0 GiB, up to 512 MiB of it for Java's heap", small.found());
    expect(PROBLEM, new MemoryCheck(64 * gib, gib / 2, gib / 8));
    expect(WARNING, new MemoryCheck(64 * gib, 64 * gib, 60 * gib));
    MemoryCheck here = MemoryCheck.ofThisProcess();
    assertTrue(here.heap() < here.limit() && here.limit() <= here.machine(), here.toString());
  }

  @Test
  void tablesGoWhereThereIsRoomOnADisk() throws IOException {
    expect(PROBLEM, new DiskCheck(directory, Long.MAX_VALUE));
    expect(PROBLEM, new DiskCheck(directory.resolve("missing"), 1));
    expect(PROBLEM, new DiskCheck(Files.createFile(directory.resolve("file")), 1));
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory) && Files.getFileStore(memory).type().equals("tmpfs"));
    expect(WARNING, new DiskCheck(memory, 1));
  }

  @Test
  void programsMustRunAmongTemporaryFiles() {
    expect(OK, new TemporaryDirectoryCheck(directory));
    expect(PROBLEM, new TemporaryDirectoryCheck(directory.resolve("missing")));
    expect(PROBLEM, new TemporaryDirectoryCheck(Path.of("/proc")));
  }

  @Test
  void aLibraryThatDoesNotLoadIsNamed() {
    Finding finding =
        new LibraryCheck(
                "missing",
                () -> {
                  System.loadLibrary("scone-that-is-not-there");
                  return "loads";
                })
            .look();
    assertEquals(PROBLEM, finding.status());
    assertTrue(finding.found().contains("scone-that-is-not-there"), finding.found());
  }

  @Test
  void aGpuNeedsABuildForItAndItsLibraries() {
    expect(OK, new CudaCheck(false, false, List::of));
    expect(WARNING, new CudaCheck(true, false, List::of));
    expect(WARNING, new CudaCheck(false, true, List::of));
    Finding finding = new CudaCheck(true, true, () -> List.of("libcudnn.so.9")).look();
    assertEquals(PROBLEM, finding.status());
    assertEquals("libcudnn.so.9 cannot be loaded", finding.found());
  }

  @Test
  void aPortInUseIsSeen() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      expect(WARNING, new PortCheck("cache-server", taken.getLocalPort(), "--port"));
    }
  }

  @Test
  void openFilesAreCounted() {
    expect(OK, new OpenFilesCheck(1 << 20));
    expect(WARNING, new OpenFilesCheck(1024));
    expect(PROBLEM, new OpenFilesCheck(256));
    assertTrue(OpenFilesCheck.ofThisProcess().limit() > 0);
  }

  private static void expect(Status status, Check check) {
    Finding finding = check.look();
    assertEquals(status, finding.status(), () -> check + ": " + finding);
  }
}
