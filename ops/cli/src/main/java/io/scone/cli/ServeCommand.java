package io.scone.cli;

import io.scone.generation.EngineConfig;
import io.scone.generation.GenerationEngine;
import io.scone.inference.Bundle;
import io.scone.inference.MainModel;
import io.scone.inference.PromptChunks;
import io.scone.inference.RowSource;
import io.scone.serve.ApiKey;
import io.scone.serve.GenerationServer;
import io.scone.serve.ServeConfig;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone serve}: a model continues text for callers over HTTP. */
@Command(
    name = "serve",
    description = {
      "Continues text over HTTP, as OpenAI's completions do.",
      "Prints one line once it serves and runs until it is stopped: on SIGTERM or Ctrl-C it lets the"
          + " requests under way end."
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ModelOptions options;

  @Option(
      names = "--listen",
      defaultValue = "127.0.0.1:8000",
      paramLabel = "HOST:PORT",
      description = "Where to listen; 0.0.0.0 for every interface, port 0 for any free one.")
  private String listen;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description =
          "The name that requests call the model by; the bundle's directory if not given.")
  private String modelName;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Take requests only with the key that this file holds, as a bearer token.")
  private Path apiKeyFile;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description =
          "Take requests only with this key. Others on this machine can read a command line: rather"
              + " set it in the environment or the configuration file, or give --api-key-file.")
  private Secret apiKey;

  @Option(
      names = "--slots",
      defaultValue = "16",
      paramLabel = "N",
      description = "How many sequences are read side by side at most.")
  private int slots;

  @Option(
      names = "--capacity",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "The most tokens of a prompt and its completion; 0 for the model's context. Memory for the"
              + " keys and values of slots x capacity tokens is taken at once.")
  private int capacity;

  @Option(
      names = "--prefill-tokens",
      paramLabel = "N",
      description = "About how many tokens of prompts are read between two steps of decoding.")
  private int prefillTokens = PromptChunks.DEFAULT_SIZE;

  @Option(
      names = "--queue",
      defaultValue = "256",
      paramLabel = "N",
      description = "How many prompts may wait for slots; more are refused with 429.")
  private int queue;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "Connections that are open at once; more are closed.")
  private int maxConnections = ServeConfig.Limits.defaults().connections();

  @Option(
      names = "--max-header-bytes",
      paramLabel = "SIZE",
      description = "The most bytes of a request's headers.")
  private MemorySize maxHeaderBytes = new MemorySize(ServeConfig.Limits.defaults().headerBytes());

  @Option(
      names = "--max-body-bytes",
      paramLabel = "SIZE",
      description = "The most bytes of a request's body.")
  private MemorySize maxBodyBytes = new MemorySize(ServeConfig.Limits.defaults().bodyBytes());

  @Option(
      names = "--idle-timeout",
      paramLabel = "TIME",
      description = "How long a connection stays open on which no request is under way.")
  private TimeSpan idleTimeout = new TimeSpan(Duration.ofMinutes(2));

  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      description = "How long requests under way may take to end when the server stops.")
  private TimeSpan drainTimeout = new TimeSpan(Duration.ofSeconds(30));

  @Mixin private LogOptions log;

  @Override
  public Integer call() throws IOException, InterruptedException {
    EngineConfig engineConfig = engineConfig();
    Bundle bundle = options.openBundle();
    ServeConfig config = serveConfig(bundle);
    log.apply();
    CountDownLatch closed = new CountDownLatch(1);
    try (Tokenizer tokenizer = Tokenizers.load(bundle.tokenizer());
        RowSource rows = options.openRows(bundle);
        MainModel model = options.openModel(bundle);
        GenerationEngine engine = GenerationEngine.start(model, rows, tokenizer, engineConfig);
        GenerationServer server = GenerationServer.start(engine, config)) {
      CountDownLatch told = new CountDownLatch(1);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(told, closed), "scone-stop"));
      print(server, config);
      told.await();
    } finally {
      closed.countDown();
    }
    return CommandLine.ExitCode.OK;
  }

  /** Stops in order and ends the process as done: a signal is how a server is told to stop. */
  private static void stop(CountDownLatch told, CountDownLatch closed) {
    told.countDown();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
  }

  private EngineConfig engineConfig() {
    try {
      return EngineConfig.ofSlots(slots)
          .withCapacity(capacity)
          .withPrefillTokens(prefillTokens)
          .withQueue(queue);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage(), e);
    }
  }

  private ServeConfig serveConfig(Bundle bundle) throws IOException {
    int colon = listen.lastIndexOf(':');
    if (colon < 1 || !listen.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw usage("--listen is '" + listen + "', not HOST:PORT.", null);
    }
    String name =
        modelName != null
            ? modelName
            : bundle.directory().toAbsolutePath().normalize().getFileName().toString();
    try {
      return new ServeConfig(
          listen.substring(0, colon).replaceAll("[\\[\\]]", ""), // around an IPv6 address
          Integer.parseInt(listen.substring(colon + 1)),
          name,
          bundle.manifest().modelFingerprint(),
          key(),
          new ServeConfig.Limits(maxConnections, bytes(maxHeaderBytes), bytes(maxBodyBytes)),
          idleTimeout.duration(),
          drainTimeout.duration());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw usage(e.getMessage(), e);
    }
  }

  private static int bytes(MemorySize size) {
    return Math.toIntExact(size.bytes());
  }

  private Optional<ApiKey> key() throws IOException {
    if (apiKey != null && apiKeyFile != null) {
      throw usage("Give --api-key or --api-key-file, not both.", null);
    }
    if (apiKeyFile != null) {
      return Optional.of(new ApiKey(Files.readString(apiKeyFile).strip()));
    }
    return Optional.ofNullable(apiKey).map(secret -> new ApiKey(secret.value()));
  }

  private ParameterException usage(String message, Exception cause) {
    return new ParameterException(spec.commandLine(), message, cause);
  }

  private void print(GenerationServer server, ServeConfig config) {
    String host = server.address().getHostString();
    String address =
        (host.contains(":") ? "[" + host + "]" : host) + ":" + server.address().getPort();
    Console console = common.console();
    if (console.isJson()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("address", address);
      result.put("model", config.model());
      console.json(result);
    } else {
      console.line("serving on http://" + address + ": model '" + config.model() + "'");
    }
  }
}
