package io.scone.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.files.AtomicFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The quickstart's corpus: the Java files of the libraries that {@code ops/quickstart/pom.xml}
 * names, without their licence headers, one document a file.
 */
final class JavaSources {
  private static final JsonMapper JSON = new JsonMapper();

  private JavaSources() {}

  /**
   * Fetches the sources through the build's own Maven and writes them as JSON lines.
   *
   * @param checkout the root of the checkout
   * @param jars a directory for the source archives
   * @param jsonLines the file to write, whole or not at all
   */
  static void fetch(Path checkout, Path jars, Path jsonLines)
      throws IOException, InterruptedException {
    fetchJars(checkout, jars);
    try (BufferedWriter out = Files.newBufferedWriter(AtomicFiles.temporary(jsonLines))) {
      for (Path jar : sorted(jars)) {
        copy(jar, out);
      }
    }
    AtomicFiles.publish(jsonLines);
  }

  private static void fetchJars(Path checkout, Path jars) throws IOException, InterruptedException {
    Process maven =
        new ProcessBuilder(
                checkout.resolve("mvnw").toString(),
                "-B",
                "-q",
                "-f",
                checkout.resolve("ops/quickstart/pom.xml").toString(),
                "dependency:copy",
                "-DoutputDirectory=" + jars.toAbsolutePath())
            .redirectErrorStream(true)
            .start();
    maven.getOutputStream().close();
    String output = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!maven.waitFor(10, TimeUnit.MINUTES) || maven.exitValue() != 0) {
      maven.destroy();
      throw new IOException(
          "the sources of the quickstart's corpus could not be fetched; check the connection to"
              + " Maven Central, or give your own text with --corpus. Maven said: "
              + output.lines().filter(line -> line.contains("ERROR")).findFirst().orElse(output));
    }
  }

  private static List<Path> sorted(Path jars) throws IOException {
    List<Path> sorted = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(jars, "*.jar")) {
      files.forEach(sorted::add);
    }
    sorted.sort(Comparator.naturalOrder());
    return sorted;
  }

  private static void copy(Path jar, BufferedWriter out) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> entry.getName().endsWith(".java"))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        try (InputStream in = zip.getInputStream(entry)) {
          String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          String source = jar.getFileName() + "!/" + entry.getName();
          out.write(
              JSON.writeValueAsString(Map.of("text", withoutLicence(text), "source", source)));
          out.newLine();
        }
      }
    }
  }

  /** Returns the file without a leading comment that speaks of its licence. */
  static String withoutLicence(String java) {
    int end = java.indexOf("*/");
    boolean headed = java.stripLeading().startsWith("/*") && end > 0;
    return headed && java.substring(0, end).contains("icense")
        ? java.substring(end + "*/".length()).stripLeading()
        : java;
  }
}
