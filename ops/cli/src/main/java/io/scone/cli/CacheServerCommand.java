package io.scone.cli;

import io.scone.server.CacheServer;
import io.scone.server.ServerConfig;
import io.scone.v1.TableInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves tables until it is stopped. */
@Command(
    name = "cache-server",
    description = {
      "Serves tables of f-gram embeddings over gRPC.",
      "Prints one line once it serves and runs until it is stopped: on SIGTERM or Ctrl-C it lets the"
          + " calls under way end."
    })
final class CacheServerCommand implements Callable<Integer> {
  private static final String DEFAULT_TABLE = "default";
  private static final String TABLE_NAME = "[a-z0-9._-]{1,128}";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--table",
      paramLabel = "[NAME=]DIR",
      showDefaultValue = Visibility.NEVER,
      split = ",",
      description =
          "A table's directory, and the name to serve it by, 'default' if there is none. May be"
              + " given several times; requests that name no table mean the first.")
  private List<String> tables = List.of();

  @Mixin private ListenOptions listen;
  @Mixin private TlsOptions tls;
  @Mixin private AuthOptions auth;
  @Mixin private ReloadOptions reload;

  @Option(
      names = "--reflection",
      arity = "1",
      paramLabel = "true|false",
      showDefaultValue = Visibility.ALWAYS,
      description = "Tell callers of the services, as grpcurl asks for.")
  private boolean reflection = true;

  @Mixin private LimitOptions limits;
  @Mixin private AdmissionOptions admission;
  @Mixin private ConnectionOptions connections;
  @Mixin private MetricsOptions metrics;
  @Mixin private DrainOptions drain;
  @Mixin private CatalogOptions catalog;
  @Mixin private LogOptions log;

  @Override
  public Integer call() throws Exception {
    ServerConfig config = config();
    if (tables.isEmpty() && config.catalog().watch().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Give --table or --watch: there is nothing to serve.");
    }
    log.apply();
    CacheServer server = CacheServer.start(config, directories());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "scone-stop"));
    print(server);
    server.awaitTermination();
    return CommandLine.ExitCode.OK;
  }

  /** Stops in order and ends the process as done: a signal is how a server is told to stop. */
  private static void stop(CacheServer server) {
    server.close();
    Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
  }

  /** Returns the configuration that the options give. */
  ServerConfig config() {
    try {
      return ServerConfig.builder()
          .listen(listen.config())
          .tls(tls.config())
          .auth(auth.config())
          .reload(reload.config())
          .reflection(reflection)
          .limits(limits.config())
          .admission(admission.config())
          .connections(connections.config())
          .metrics(metrics.config())
          .drain(drain.config())
          .catalog(catalog.config())
          .build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Map<String, Path> directories() {
    Map<String, Path> directories = new LinkedHashMap<>();
    for (String table : tables) {
      int equals = table.indexOf('=');
      boolean named = equals > 0 && table.substring(0, equals).matches(TABLE_NAME);
      String name = named ? table.substring(0, equals) : DEFAULT_TABLE;
      Path directory = Path.of(named ? table.substring(equals + 1) : table);
      if (directories.put(name, directory) != null) {
        throw new ParameterException(
            spec.commandLine(), "Two tables have the name '" + name + "'.");
      }
    }
    return directories;
  }

  private void print(CacheServer server) {
    Console console = common.console();
    if (console.isJson()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("addresses", server.addresses());
      server
          .metricsAddress()
          .ifPresent(at -> result.put("metrics", at.getHostString() + ":" + at.getPort()));
      result.put("tables", server.tables().stream().map(CacheServerCommand::toJson).toList());
      console.json(result);
      return;
    }
    String served =
        server.tables().stream().map(CacheServerCommand::toText).collect(Collectors.joining("; "));
    console.line(
        "serving on "
            + String.join(" and ", server.addresses())
            + ": "
            + (served.isEmpty() ? "no table yet" : served));
  }

  private static Map<String, Object> toJson(TableInfo table) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("table", table.getVersion().getTable());
    json.put("rows", table.getRowCount());
    json.put("version", table.getVersion().getVersion());
    json.put("model_fingerprint", table.getVersion().getModelFingerprint());
    return json;
  }

  private static String toText(TableInfo table) {
    return String.format(
        Locale.ROOT,
        "table '%s' of %,d rows, %s",
        table.getVersion().getTable(),
        table.getRowCount(),
        table.getVersion().getVersion());
  }
}
