package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.inference.Bundle;
import io.scone.training.ModelConfig;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone serve} in a process of its own. */
@Timeout(120)
class ServeCommandTest {
  @TempDir private static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void create() throws Exception {
    bundle = HttpModel.bundle(directory);
  }

  @Test
  void itServesUntilSigtermAndLetsARequestUnderWayEnd() throws Exception {
    Path key = Files.writeString(directory.resolve("key"), "the key of this test\n");
    Process process = start(bundle, "--rows", "none", "--api-key-file", key.toString());
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      assertTrue(line.endsWith(": model 'bundle'"), line);
      Matcher address = Pattern.compile("http://127\\.0\\.0\\.1:\\d+").matcher(line);
      assertTrue(address.find(), line);
      assertEquals(401, post(address.group(), "another key").statusCode());
      HttpResponse<InputStream> stream = post(address.group(), "the key of this test");
      assertEquals(200, stream.statusCode());
      try (BufferedReader events =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
        assertTrue(events.readLine().startsWith("data: {"));
        process.destroy();
        assertEquals(
            "data: [DONE]",
            events.lines().filter(each -> !each.isEmpty()).reduce((a, b) -> b).orElseThrow());
      }
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aBaselineNeedsNoSourceOfRows() throws Exception {
    ModelConfig config = new ModelConfig(HttpModel.MAIN, null);
    Bundle baseline =
        RandomBundle.create(
            Files.createDirectory(directory.resolve("baseline")), config, new int[0][], 1);
    Process process = start(baseline);
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      assertTrue(line.endsWith(": model 'bundle'"), line);
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void mistakesOfUsageAreRefusedBeforeAnythingIsOpened() {
    assertEquals(2, scone("--listen", "8000"));
    assertEquals(2, scone("--listen", "127.0.0.1:70000"));
    assertEquals(2, scone("--slots", "0"));
    assertEquals(2, scone("--api-key", "a", "--api-key-file", "b"));
    assertEquals(2, scone("--api-key", ""));
    assertEquals(1, scone("--capacity", "100000"));
    assertEquals(1, scone("--listen", "192.0.2.1:8000"));
  }

  private static int scone(String... more) {
    List<String> words =
        new ArrayList<>(List.of("serve", "--model", bundle.directory().toString()));
    words.addAll(List.of("--rows", "none"));
    words.addAll(List.of(more));
    return SconeRun.ofWords(words.toArray(String[]::new)).exitCode();
  }

  private static Process start(Bundle model, String... more) throws Exception {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("serve", "--model", model.directory().toString()));
    words.addAll(List.of("--listen", "127.0.0.1:0", "--slots", "2"));
    words.addAll(List.of(more));
    List<String> small = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m");
    return SconeRun.process(small, words.toArray(String[]::new))
        .redirectError(directory.resolve("log").toFile())
        .start();
  }

  private static HttpResponse<InputStream> post(String address, String key) throws Exception {
    String body =
        "{\"model\": \"bundle\", \"prompt\": \"To be\", \"stream\": true, \"max_tokens\": 3000,"
            + " \"min_tokens\": 3000}";
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
                .header("Authorization", "Bearer " + key)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofInputStream());
  }
}
