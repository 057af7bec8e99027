package io.scone.cli;

import io.scone.client.SconeClient;
import io.scone.client.TableAdmin;
import io.scone.v1.TableInfo;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that administers the tables of a running server. */
abstract class RemoteTableCommand implements Callable<Integer> {
  private static final String DIGEST = "sha256:";

  @Mixin private CommonOptions common;
  @Mixin private ClientOptions options;

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      description = "The cache server: HOST:PORT, or unix:/PATH.")
  private String server = "localhost:" + SconeClient.DEFAULT_PORT;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long to wait for the server; what it has begun it goes on with.")
  private TimeSpan timeout = TimeSpan.parse("10m");

  @Override
  public Integer call() throws IOException {
    try (TableAdmin admin = options.builder(server).deadline(timeout.duration()).buildAdmin()) {
      run(admin, common.console());
    }
    return CommandLine.ExitCode.OK;
  }

  /** Does the command's work and prints its result. */
  abstract void run(TableAdmin admin, Console console) throws IOException;

  /**
   * Returns the version of a table whose name begins with a text, with or without its {@code
   * sha256:}; an empty text stays empty.
   *
   * @throws IOException if there is none or more than one
   */
  static String version(TableAdmin admin, String table, String beginning) throws IOException {
    if (beginning.isEmpty()) {
      return beginning;
    }
    List<String> versions =
        admin.list().stream()
            .map(status -> status.getInfo().getVersion())
            .filter(version -> table.isEmpty() || version.getTable().equals(table))
            .map(version -> version.getVersion())
            .filter(v -> v.startsWith(beginning) || v.startsWith(DIGEST + beginning))
            .distinct()
            .toList();
    if (versions.size() > 1) {
      throw new IOException(
          "several versions of table '" + table + "' begin with '" + beginning + "': " + versions);
    }
    return versions.isEmpty() ? beginning : versions.get(0);
  }

  /** Returns what there is to print of a version. */
  static Map<String, Object> describe(TableStatus status) {
    TableInfo info = status.getInfo();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("table", info.getVersion().getTable());
    result.put("version", info.getVersion().getVersion());
    result.put("state", state(status.getState()));
    result.put("rows", info.getRowCount());
    result.put("rows_by_length", info.getRowCountsByLengthList());
    result.put("dim", info.getRowFormat().getDim());
    result.put("row_bytes", info.getRowFormat().getRowBytes());
    result.put("model_fingerprint", info.getVersion().getModelFingerprint());
    result.put("tokenizer_fingerprint", info.getTokenizerFingerprint());
    result.put("directory", status.getDirectory());
    return result;
  }

  /** Returns a state as people write it. */
  static String state(TableState state) {
    return state.name().substring("TABLE_STATE_".length()).toLowerCase(Locale.ROOT);
  }
}
