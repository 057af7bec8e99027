package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.scone.deploy.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The chart, as Helm itself renders it. */
@Timeout(120)
class HelmTest {
  private static final Path CHART = Path.of("..", "helm", "scone");
  private static final String KUBERNETES = "1.30.0";
  private static final YAMLMapper YAML = new YAMLMapper();

  /** Three shards with all that is off by default. */
  private static final String EVERYTHING =
      """
      shards: 3
      replicas: 2
      config: {residency: [8GiB], max-row-bytes: 128MiB}
      tables: {existingClaim: tables}
      tls: {secretName: scone-tls, clientCertificates: true}
      tokens: {lines: ["read 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  # models"]}
      serviceMonitor: {enabled: true}
      prometheusRule: {enabled: true}
      """;

  @TempDir Path directory;

  @Test
  void helmFindsNothingToComplainOf() {
    LintResult result = new Helm(CHART).lint().strict().call();

    assertFalse(result.isFailed(), result.getMessages().toString());
  }

  @Test
  void theImageIsOfThisRelease() throws IOException {
    String pom = Files.readString(Path.of("..", "..", "pom.xml"));

    String version =
        YAML.readTree(CHART.resolve("Chart.yaml").toFile()).path("appVersion").asText();

    assertTrue(pom.contains("<version>" + version + "</version>"), version);
  }

  @Test
  void byDefaultOneShardIsServedFromClaimsOfItsOwn() throws IOException {
    List<JsonNode> objects = render("");

    JsonNode servers = only(objects, "StatefulSet");
    JsonNode container = servers.at("/spec/template/spec/containers/0");
    assertEquals(List.of("scone", "scone-shard-0"), names(objects, "Service"));
    assertEquals(List.of("scone-shard-0"), names(objects, "PodDisruptionBudget"));
    assertEquals("scone-shard-0", servers.at("/spec/serviceName").asText());
    assertEquals(7411, container.at("/readinessProbe/grpc/port").asInt());
    assertEquals("tables", servers.at("/spec/volumeClaimTemplates/0/metadata/name").asText());
    assertTrue(container.at("/securityContext/readOnlyRootFilesystem").asBoolean());
    assertTrue(names(objects, "ServiceMonitor").isEmpty());
  }

  @Test
  void everyShardHasServersAServiceAndABudgetOfItsOwn() throws IOException {
    List<JsonNode> objects = render(EVERYTHING);

    List<String> shards = List.of("scone-shard-0", "scone-shard-1", "scone-shard-2");
    assertEquals(shards, names(objects, "StatefulSet"));
    assertEquals(shards, names(objects, "Service"));
    assertEquals(shards, names(objects, "PodDisruptionBudget"));
    JsonNode last = ofKind(objects, "StatefulSet").get(2);
    assertEquals("2", last.at("/spec/selector/matchLabels/scone.io~1shard").asText());
    assertEquals(
        List.of("shard-2-of-3"),
        last.at("/spec/template/spec/containers/0/volumeMounts").findValuesAsText("subPath"));
    assertEquals(
        "/readyz",
        last.at("/spec/template/spec/containers/0/readinessProbe/httpGet/path").asText());
  }

  @Test
  void whatIsSelectedHasTheLabelsThatSelectIt() throws IOException {
    List<JsonNode> objects = render(EVERYTHING);

    List<JsonNode> pods =
        ofKind(objects, "StatefulSet").stream()
            .map(set -> set.at("/spec/template/metadata/labels"))
            .toList();
    for (String kind : List.of("Service", "PodDisruptionBudget")) {
      for (JsonNode object : ofKind(objects, kind)) {
        JsonNode selector = object.at("/spec/selector");
        JsonNode labels = selector.has("matchLabels") ? selector.get("matchLabels") : selector;
        assertEquals(
            1, pods.stream().filter(pod -> contains(pod, labels)).count(), object.toString());
      }
    }
    JsonNode monitored = only(objects, "ServiceMonitor").at("/spec/selector/matchLabels");
    for (JsonNode service : ofKind(objects, "Service")) {
      assertTrue(contains(service.at("/metadata/labels"), monitored), service.toString());
    }
  }

  @Test
  void whoInstallsItIsToldTheAddressOfAllShards() throws IOException {
    Path file = Files.writeString(directory.resolve("values.yaml"), EVERYTHING);

    String notes =
        new Helm(CHART)
            .install()
            .clientOnly()
            .dryRun()
            .withKubeVersion(KUBERNETES)
            .withName("scone")
            .withNamespace("models")
            .withValuesFile(file)
            .call()
            .getOutput();

    assertTrue(
        notes.contains(
            "--server 'dns:///scone-shard-0.models.svc:7411;dns:///scone-shard-1.models.svc:7411;"
                + "dns:///scone-shard-2.models.svc:7411' --tls"),
        notes);
  }

  @Test
  void theAlertsAreThoseOfTheMonitoringFolder() throws IOException {
    JsonNode rules = only(render(EVERYTHING), "PrometheusRule").path("spec");

    assertEquals(YAML.readTree(Path.of("..", "monitoring", "alerts.yaml").toFile()), rules);
  }

  @Test
  void theServerTakesTheSettings() throws IOException, InterruptedException {
    Installation installed = Installation.at(directory.resolve("installed"));
    String settings =
        only(render(EVERYTHING), "ConfigMap").at("/data").path("cache-server.yaml").asText();
    Path file = Files.writeString(directory.resolve("cache-server.yaml"), settings);

    Result result =
        installed.run(
            Map.of(), "scone", "cache-server", "--config", file.toString(), "--print-config");

    assertEquals(0, result.code(), result.err());
    JsonNode effective = YAML.readTree(result.out()).path("cache-server");
    assertEquals("0.0.0.0", effective.path("host").asText());
    assertEquals("/etc/scone/tls/ca.crt", effective.path("tls-client-ca").asText());
    assertEquals("/etc/scone/tokens/tokens", effective.path("auth-tokens").asText());
    assertEquals("128MiB", effective.path("max-row-bytes").asText());
  }

  @Test
  void aServerHasTheTimeItNeedsToDrain() throws IOException {
    JsonNode values = YAML.readTree(CHART.resolve("values.yaml").toFile());

    int drain =
        seconds(values.at("/config/drain-delay")) + seconds(values.at("/config/drain-timeout"));

    assertTrue(drain < values.path("terminationGracePeriodSeconds").asInt());
  }

  @Test
  void valuesThatCannotBeAreRefused() {
    assertRefused("replica: 2", "replica");
    assertRefused("shards: 0", "shards");
    assertRefused("config: {port: 80}", "port");
    assertRefused("tokens: {lines: [secret]}", "lines");
  }

  private void assertRefused(String values, String named) {
    IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> render(values));
    assertTrue(refusal.getMessage().contains(named), refusal.getMessage());
  }

  private List<JsonNode> render(String values) throws IOException {
    Path file = Files.writeString(directory.resolve("values.yaml"), values);
    String rendered =
        new Helm(CHART)
            .template()
            .withKubeVersion(KUBERNETES)
            .withName("scone")
            .withNamespace("models")
            .withValuesFile(file)
            .call();
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(rendered)) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    }
  }

  private static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
    return objects.stream().filter(object -> object.path("kind").asText().equals(kind)).toList();
  }

  private static JsonNode only(List<JsonNode> objects, String kind) {
    List<JsonNode> found = ofKind(objects, kind);
    assertEquals(1, found.size(), kind);
    return found.get(0);
  }

  private static List<String> names(List<JsonNode> objects, String kind) {
    return ofKind(objects, kind).stream()
        .map(object -> object.at("/metadata/name").asText())
        .sorted()
        .toList();
  }

  private static boolean contains(JsonNode labels, JsonNode wanted) {
    return wanted.properties().stream()
        .allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
  }

  private static int seconds(JsonNode time) {
    return Integer.parseInt(time.asText().replaceFirst("s$", ""));
  }
}
