package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command as the archive lays it out: bin beside lib, away from any checkout. In lib lies one
 * jar that names the class path of the tests.
 */
final class Installation {
  private static final Path BIN = Path.of("..", "bin");
  private static final long RUN_SECONDS = 60;

  private final Path root;

  /** What a process has said, and its exit code. */
  record Result(int code, String out, String err) {}

  private Installation(Path root) {
    this.root = root;
  }

  /** Makes an installation at {@code root}, which is not there yet. */
  static Installation at(Path root) throws IOException {
    Path lib = Files.createDirectories(root.resolve("lib"));
    Path bin = Files.createDirectories(root.resolve("bin"));
    for (Path file : files(BIN)) {
      Files.copy(file, bin.resolve(file.getFileName()));
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toUri().getRawPath())
                .collect(Collectors.joining(" ")));
    try (OutputStream jar = Files.newOutputStream(lib.resolve("scone.jar"))) {
      new JarOutputStream(jar, manifest).close();
    }
    return new Installation(root);
  }

  Path root() {
    return root;
  }

  /** Runs one of its programs to the end, in a directory of no meaning. */
  Result run(Map<String, String> environment, String program, String... arguments)
      throws IOException, InterruptedException {
    return run(root.resolve("bin").resolve(program), environment, List.of(arguments));
  }

  static Result run(Path program, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("out", ".txt");
    Path err = Files.createTempFile("err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(Stream.of(program.toString()), arguments.stream()).toList())
            .directory(new File("/"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(RUN_SECONDS, TimeUnit.SECONDS), "it does not end");
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
