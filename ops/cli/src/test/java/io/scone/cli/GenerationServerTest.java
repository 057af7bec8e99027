package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import io.scone.generation.EngineConfig;
import io.scone.inference.Bundle;
import io.scone.inference.ServedRows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server of generation as bare HTTP sees it: mistakes, overload, callers that leave, its end.
 */
@Timeout(180)
class GenerationServerTest {
  private static final String COMPLETIONS = "/v1/completions";

  @TempDir private static Path directory;
  private static Bundle bundle;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void create() throws Exception {
    bundle = HttpModel.bundle(directory);
  }

  @Test
  void mistakesOfHttpHaveTheirStatusAndASentence() throws Exception {
    try (HttpModel model = HttpModel.start(bundle, EngineConfig.ofSlots(2))) {
      HttpResponse<String> wrongMethod = get(model, COMPLETIONS);
      assertError(405, "this path takes POST only", wrongMethod);
      assertEquals("POST", wrongMethod.headers().firstValue("Allow").orElseThrow());
      assertError(404, "there is no GET /v1/chat/completions", get(model, "/v1/chat/completions"));
      assertError(400, "the body is not JSON", post(model, "{'model'"));
      assertError(400, "the body is not a JSON object", post(model, "[]"));
      assertError(413, "the body is longer than the limit", post(model, "x".repeat(65 << 10)));
      HttpRequest large =
          HttpRequest.newBuilder(URI.create(model.address() + "/health"))
              .header("X-Much", "x".repeat(5000))
              .build();
      assertError(431, "the headers are too long", client.send(large, BodyHandlers.ofString()));
      assertEquals(200, get(model, "/health").statusCode());
    }
  }

  /** A close with unread bytes would reset the connection, and the reply would be lost with it. */
  @Test
  void aCallerThatSendsTooMuchReadsTheReplyAfterItsLastByte() throws Exception {
    int length = 8 << 20; // more than the buffers of two sockets hold
    try (HttpModel model = HttpModel.start(bundle, EngineConfig.ofSlots(2));
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), model.server().address().getPort())) {
      String head =
          "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(new byte[length]);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
    }
  }

  @Test
  void requestsOfOneConnectionAreAnsweredInOrder() throws Exception {
    try (HttpModel model = HttpModel.start(bundle, EngineConfig.ofSlots(2));
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), model.server().address().getPort())) {
      String body = body(3, "");
      String both =
          "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body
              + "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answers.indexOf("text_completion") < answers.indexOf("serving\n"), answers);
      assertTrue(answers.indexOf("text_completion") > 0, answers);
    }
  }

  @Test
  void tooManyRequestsAreRefusedAtOnceAndACallerThatLeavesMakesRoom() throws Exception {
    EngineConfig config = EngineConfig.ofSlots(1).withQueue(1);
    try (HttpModel model = HttpModel.start(bundle, config)) {
      Events stream = new Events(model, forever());
      stream.next();
      CompletableFuture<HttpResponse<String>> waiting = postAsync(model, body(3, ""));
      await(() -> model.engine().statistics().waiting() == 1);
      HttpResponse<String> refused = post(model, body(3, ""));
      assertError(429, "1 requests are waiting already", refused);
      assertEquals("1", refused.headers().firstValue("Retry-After").orElseThrow());
      assertEquals(1, model.engine().statistics().sequences());
      stream.close(); // in the midst of its text
      assertEquals(200, waiting.get(60, TimeUnit.SECONDS).statusCode());
      assertEquals(1, model.engine().statistics().cancelled());
      await(() -> model.engine().statistics().cachedTokens() == 0);
    }
  }

  @Test
  void thousandsOfConnectionsAllGetAnAnswer() throws Exception {
    EngineConfig config = EngineConfig.ofSlots(16).withQueue(64);
    try (HttpModel model = HttpModel.start(bundle, config)) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        answers.add(postAsync(model, body(8, "")));
      }
      Map<Integer, Integer> statuses = new TreeMap<>();
      for (CompletableFuture<HttpResponse<String>> each : answers) {
        statuses.merge(each.get(120, TimeUnit.SECONDS).statusCode(), 1, Integer::sum);
      }
      assertTrue(statuses.get(200) > 64, statuses.toString());
      assertEquals(2000, statuses.get(200) + statuses.getOrDefault(429, 0), statuses.toString());
      assertEquals(200, post(model, body(8, "")).statusCode());
    }
  }

  @Test
  void stoppingLetsRequestsUnderWayEndAndRefusesNewOnes() throws Exception {
    try (HttpModel model = HttpModel.start(bundle, EngineConfig.ofSlots(2))) {
      Events stream = new Events(model, body(4000, ", \"stream\": true, \"min_tokens\": 4000"));
      stream.next();
      Thread stopping = new Thread(model.server()::close);
      stopping.start();
      await(() -> get(model, "/health").statusCode() == 503);
      assertError(503, "the server is stopping", post(model, body(3, "")));
      String last = "";
      for (String event = stream.next(); event != null; event = stream.next()) {
        last = event;
      }
      assertEquals("[DONE]", last);
      stopping.join();
    }
  }

  /** A table on a real server in a process of its own, which is killed. */
  @Test
  void aCacheServerThatDiesFailsTheRequestsThatNeedItUntilItIsBack() throws Exception {
    SconeRun.done("precompute --bundle " + bundle.directory());
    String table = bundle.table().toString();
    CacheServerProcess server =
        CacheServerProcess.start(directory.resolve("log"), 0, "--table", table);
    int port = server.port();
    SconeClientBuilder builder =
        SconeClient.builder("127.0.0.1:" + port).deadline(Duration.ofSeconds(2));
    ServedRows rows = ServedRows.connect(builder, bundle.manifest());
    try (HttpModel model = HttpModel.start(bundle, rows, EngineConfig.ofSlots(2))) {
      Events stream = new Events(model, forever());
      stream.next();
      server.kill();
      String last = "";
      for (String event = stream.next(); event != null; event = stream.next()) {
        last = event;
      }
      JsonNode error = new JsonMapper().readTree(last).path("error");
      assertEquals("rows_unavailable", error.path("code").asText(), last);
      assertError(503, "the rows of f-grams could not be had", post(model, body(3, "")));
      assertEquals(200, get(model, "/health").statusCode());
      try (CacheServerProcess again =
          CacheServerProcess.start(directory.resolve("log"), port, "--table", table)) {
        assertEquals(port, again.port());
        await(() -> post(model, body(3, "")).statusCode() == 200);
      }
    }
  }

  @Test
  void everyMetricIsOnThePage() throws Exception {
    try (HttpModel model = HttpModel.start(bundle, EngineConfig.ofSlots(2))) {
      post(model, body(3, ""));
      String page = Files.readString(Path.of("..", "..", "docs", "inference.md"));
      TreeSet<String> missing = new TreeSet<>();
      for (String line : get(model, "/metrics").body().lines().toList()) {
        String name = line.startsWith("# TYPE ") ? line.split(" ", -1)[2] : "";
        if (name.startsWith("scone_") && !page.contains("`" + name + "`")) {
          missing.add(name);
        }
      }
      assertEquals(new TreeSet<>(), missing);
    }
  }

  /** The events of a stream. */
  private final class Events implements AutoCloseable {
    private final InputStream body;
    private final BufferedReader lines;

    Events(HttpModel model, String request) throws Exception {
      HttpResponse<InputStream> response =
          client.send(request(model, request), BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      body = response.body();
      lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    /** Returns the next event's data, or null at the end. */
    String next() throws Exception {
      String line = lines.readLine();
      while (line != null && line.isEmpty()) {
        line = lines.readLine();
      }
      return line == null ? null : line.substring("data: ".length());
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  private static String body(int maxTokens, String more) {
    return "{\"model\": \""
        + HttpModel.NAME
        + "\", \"prompt\": \"To be, or\", \"max_tokens\": "
        + maxTokens
        + more
        + "}";
  }

  /** Returns a stream that takes as long as a test may want. */
  private static String forever() {
    return body(16000, ", \"stream\": true, \"min_tokens\": 16000");
  }

  private HttpResponse<String> get(HttpModel model, String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create(model.address() + path)).build(),
          BodyHandlers.ofString());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> post(HttpModel model, String body) {
    return postAsync(model, body).join();
  }

  private CompletableFuture<HttpResponse<String>> postAsync(HttpModel model, String body) {
    return client.sendAsync(request(model, body), BodyHandlers.ofString());
  }

  private static HttpRequest request(HttpModel model, String body) {
    return HttpRequest.newBuilder(URI.create(model.address() + COMPLETIONS))
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static void assertError(int status, String sentence, HttpResponse<String> response)
      throws Exception {
    assertEquals(status, response.statusCode(), response.body());
    JsonNode error = new JsonMapper().readTree(response.body()).path("error");
    assertTrue(error.path("message").asText().startsWith(sentence), response.body());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(10); // the test's time limit ends it
    }
  }
}
