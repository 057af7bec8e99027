package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.scone.deploy.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the images run is what the archive holds. That they build is for who has an engine. */
@Timeout(120)
class DockerTest {
  private static final Path DOCKER = Path.of("..", "docker");
  private static final Path JEMALLOC = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");
  private static final String HOME = "/opt/scone/";

  @TempDir Path directory;
  private Installation installed;

  @BeforeEach
  void install() throws IOException {
    installed = Installation.at(directory.resolve("scone"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.Dockerfile", "gpu.Dockerfile"})
  void itsCommandIsOneOfTheArchiveWithOptionsThatThereAre(String file)
      throws IOException, InterruptedException {
    List<String> command = words(file, "ENTRYPOINT");
    command.addAll(words(file, "CMD"));
    command.add("--print-config");

    Result result = run(command);

    assertEquals(0, result.code(), result.err());
    JsonNode settings = new YAMLMapper().readTree(result.out()).path(command.get(1));
    for (String port : instruction(file, "EXPOSE").split(" ", -1)) {
      assertTrue(
          Stream.of("port", "metrics-port", "listen")
              .anyMatch(name -> settings.path(name).asText().endsWith(port)),
          port);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.Dockerfile", "gpu.Dockerfile"})
  void itsHealthCheckAsksAPortOfTheImage(String file) throws IOException, InterruptedException {
    String check = instruction(file, "HEALTHCHECK");
    List<String> command = array(check.substring(check.indexOf('[')));
    String port = command.get(1).replaceFirst("/.*", "");
    command.set(1, command.get(1).replace(port, "1"));

    Result result = run(command);

    assertTrue(List.of(instruction(file, "EXPOSE").split(" ", -1)).contains(port), port);
    assertEquals(1, result.code());
    assertEquals("scone-ready: no server on port 1 is ready\n", result.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.Dockerfile", "gpu.Dockerfile"})
  void itRunsAsAUserOfNoRights(String file) throws IOException {
    assertEquals("10001:10001", instruction(file, "USER"));
    assertEquals("SIGTERM", instruction(file, "STOPSIGNAL"));
  }

  @Test
  void theCommandRunsWithJemalloc() throws IOException, InterruptedException {
    assumeTrue(Files.exists(JEMALLOC), "libjemalloc2 is not installed");

    Result result =
        installed.run(
            Map.of(
                "LD_PRELOAD",
                JEMALLOC.toString(),
                "MALLOC_CONF",
                "stats_print:true,stats_print_opts:gmdablxe"),
            "scone",
            "--version");

    assertEquals(0, result.code(), result.err());
    assertTrue(result.err().contains("Begin jemalloc statistics"), result.err());
  }

  /** Runs a command of the image in the installation. */
  private Result run(List<String> command) throws IOException, InterruptedException {
    assertTrue(command.get(0).startsWith(HOME), command.get(0));
    Path program = installed.root().resolve(command.get(0).substring(HOME.length()));
    return Installation.run(program, Map.of(), command.subList(1, command.size()));
  }

  private static List<String> words(String file, String instruction) throws IOException {
    return array(instruction(file, instruction));
  }

  private static List<String> array(String json) throws IOException {
    List<String> words = new ArrayList<>();
    new JsonMapper().readTree(json).forEach(word -> words.add(word.asText()));
    return words;
  }

  /** Returns what follows an instruction that stands in the file once. */
  private static String instruction(String file, String name) throws IOException {
    List<String> found =
        Files.readAllLines(DOCKER.resolve(file)).stream()
            .filter(line -> line.startsWith(name + " "))
            .map(line -> line.substring(name.length() + 1))
            .toList();
    assertEquals(1, found.size(), name);
    return found.get(0);
  }
}
