package io.scone.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The HTTP endpoint for those who watch a server: {@code /metrics} for Prometheus, {@code /healthz}
 * and {@code /readyz} for Kubernetes.
 */
final class MetricsEndpoint implements AutoCloseable {
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int THREADS = 2;

  private final ServerMetrics metrics;
  private final BooleanSupplier serving;
  private final HttpServer server;
  private final ExecutorService threads;

  private MetricsEndpoint(InetSocketAddress address, ServerMetrics metrics, BooleanSupplier serving)
      throws IOException {
    this.metrics = metrics;
    this.serving = serving;
    this.server = HttpServer.create(address, 0);
    this.threads =
        Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("scone-metrics", true));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /**
   * Starts the endpoint that a configuration asks for, if it asks for one.
   *
   * @param serving says whether the server takes requests
   * @throws IOException if the address cannot be listened on; the message is one sentence
   */
  static Optional<MetricsEndpoint> start(
      MetricsConfig config, ServerMetrics metrics, BooleanSupplier serving) throws IOException {
    if (config.port().isEmpty()) {
      return Optional.empty();
    }
    InetSocketAddress address = new InetSocketAddress(config.host(), config.port().getAsInt());
    try {
      return Optional.of(new MetricsEndpoint(address, metrics, serving));
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on "
              + config.host()
              + ":"
              + config.port().getAsInt()
              + " for metrics: "
              + e.getMessage(),
          e);
    }
  }

  /** Returns the address it listens on, with the port in use. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        send(exchange, 405, TEXT, "only GET is answered here\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> send(exchange, 200, METRICS, metrics.scrape());
        case "/healthz" -> send(exchange, 200, TEXT, "alive\n");
        case "/readyz" -> {
          boolean ready = serving.getAsBoolean();
          send(exchange, ready ? 200 : 503, TEXT, ready ? "serving\n" : "not serving\n");
        }
        default -> send(exchange, 404, TEXT, "there are /metrics, /healthz and /readyz\n");
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }
}
