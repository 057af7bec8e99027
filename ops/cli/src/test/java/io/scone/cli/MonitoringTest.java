package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The alerts and the dashboard beside the page for operators, whose metrics are those that a server
 * exports.
 */
class MonitoringTest {
  private static final Path MONITORING = Path.of("..", "monitoring");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:scone|process|jvm|system)_[a-z0-9_]+\\b");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|");

  @Test
  void alertsAreCompleteAndNameMetricsThatThereAre() throws IOException {
    JsonNode groups = new YAMLMapper().readTree(MONITORING.resolve("alerts.yaml").toFile());
    List<String> expressions = new ArrayList<>();
    for (JsonNode rule : groups.at("/groups/0/rules")) {
      assertFalse(rule.path("alert").asText().isEmpty(), rule.toString());
      assertFalse(rule.at("/annotations/summary").asText().isEmpty(), rule.toString());
      assertTrue(
          List.of("warning", "critical").contains(rule.at("/labels/severity").asText()),
          rule.toString());
      expressions.add(rule.path("expr").asText());
    }
    assertMetricsAreThere(expressions);
  }

  @Test
  void theDashboardNamesMetricsThatThereAre() throws IOException {
    JsonNode dashboard =
        new JsonMapper().readTree(MONITORING.resolve("grafana-dashboard.json").toFile());
    List<String> expressions = dashboard.findValuesAsText("expr");
    assertMetricsAreThere(expressions);
    assertEquals(
        dashboard.path("panels").findValuesAsText("id").size(),
        new TreeSet<>(dashboard.path("panels").findValuesAsText("id")).size());
  }

  @Test
  void theRunbookSaysOfEveryAlertWhatToDo() throws IOException {
    String runbook = Files.readString(Path.of("..", "..", "docs", "runbook.md"));
    JsonNode groups = new YAMLMapper().readTree(MONITORING.resolve("alerts.yaml").toFile());

    List<String> alerts = groups.at("/groups/0/rules").findValuesAsText("alert");

    List<String> explained =
        Pattern.compile("(?m)^\\| `(Scone\\w+)` \\|")
            .matcher(runbook)
            .results()
            .map(row -> row.group(1))
            .toList();
    assertEquals(alerts, explained);
  }

  private static void assertMetricsAreThere(List<String> expressions) throws IOException {
    String page = Files.readString(Path.of("..", "..", "docs", "operations.md"));
    TreeSet<String> unknown =
        expressions.stream()
            .flatMap(expression -> METRIC.matcher(expression).results())
            .map(MatchResult::group)
            .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(unknown.size() > 5, unknown.toString());
    unknown.removeAll(DOCUMENTED.matcher(page).results().map(found -> found.group(1)).toList());
    assertEquals(new TreeSet<>(), unknown);
  }
}
