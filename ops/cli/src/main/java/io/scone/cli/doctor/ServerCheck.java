package io.scone.cli.doctor;

import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import io.scone.client.SconeException;
import io.scone.v1.GetServerInfoResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A cache server, which is called.
 *
 * @param server how to reach it
 * @param secured whether over TLS
 */
record ServerCheck(SconeClientBuilder server, boolean secured) implements Check {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "server";
  }

  @Override
  public Finding look() {
    try (SconeClient client = server.deadline(PATIENCE).failFast().build()) {
      boolean serving = client.isServing();
      GetServerInfoResponse info = client.serverInfo();
      String found =
          server.address()
              + (secured ? " over TLS" : " in clear")
              + ", release "
              + info.getServerVersion()
              + ", "
              + (info.getTablesCount() == 0 ? "no table" : tables(info));
      if (!serving) {
        return Finding.problem(
            found + ", not serving", "Wait until it has opened its tables, or see its log.");
      }
      return info.getTablesCount() == 0
          ? Finding.warning(found, "Load one with scone table load.")
          : Finding.ok(found);
    } catch (SconeException | IllegalArgumentException e) {
      return Finding.problem(
          e.getMessage(),
          "See that scone cache-server runs there, that its --host and --port are those, and whether"
              + " it wants --tls, --tls-authority or a --token-file.");
    }
  }

  private static String tables(GetServerInfoResponse info) {
    return info.getTablesList().stream()
        .map(
            table ->
                String.format(
                    Locale.ROOT,
                    "table '%s' of %,d rows",
                    table.getVersion().getTable(),
                    table.getRowCount()))
        .collect(Collectors.joining(", "));
  }
}
