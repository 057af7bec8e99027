package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static io.scone.cli.SconeRun.exitCode;
import static io.scone.cli.SconeRun.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks end to end, tiny: a real daemon, and every peer that this machine has. */
class BenchmarkCommandTest {
  private static final Set<String> RESULT_FIELDS =
      Set.of(
          "system",
          "workload",
          "batch",
          "in_flight",
          "positions_per_second",
          "rows_per_second",
          "p50_us",
          "p99_us",
          "server_cpu_us_per_row",
          "min",
          "max");

  @TempDir private Path directory;

  @Test
  void everySystemAnswersRightAndIsMeasuredInEveryCell() throws IOException {
    Path work = directory.resolve("work");
    String command =
        ("benchmark serving --dir %s --corpus %s --fgrams 2000 --dim 8 --batches 64 --in-flight 2"
                + " --seconds 0.03 --rounds 2 --warm-up-seconds 0.05 --starts 1")
            .formatted(work, text());
    done(command);

    JsonNode results = new ObjectMapper().readTree(work.resolve("results.json").toFile());
    Set<String> skipped = new HashSet<>();
    results.get("skipped").fieldNames().forEachRemaining(skipped::add);
    Set<String> measured = new TreeSet<>();
    for (JsonNode result : results.get("results")) {
      Set<String> fields = new HashSet<>();
      result.fieldNames().forEachRemaining(fields::add);
      assertEquals(RESULT_FIELDS, fields);
      measured.add(result.get("system").asText());
      double median = result.get("positions_per_second").asDouble();
      assertTrue(median >= result.get("min").asDouble() && median <= result.get("max").asDouble());
      assertTrue(result.get("p50_us").asDouble() <= result.get("p99_us").asDouble());
    }
    for (String always :
        List.of("scone-ram", "scone-disk", "raw-tcp", "lmdb", "table-disk", "mmap")) {
      assertTrue(measured.contains(always), always + " in " + measured + ", not in " + skipped);
    }
    // Text, uniform and Zipf keys.
    assertEquals(
        3,
        StreamSupport.stream(results.get("results").spliterator(), false)
            .filter(result -> result.get("system").asText().equals("mmap"))
            .count());
    assertTrue(results.get("machine").get("processors").asInt() > 0);
    assertEquals("scone " + command, results.get("command").asText());
    assertTrue(results.get("starts").get(0).get("median_seconds").asDouble() > 0);
    assertTrue(Files.size(work.resolve("results.png")) > 1000);

    SconeRun report = SconeRun.of("benchmark report --markdown " + work.resolve("results.json"));
    assertEquals(0, report.exitCode());
    assertTrue(report.out().contains("| text | 64 | 2 | mmap |"), report.out());

    // What is prepared is pinned to its settings.
    assertEquals(1, exitCode("benchmark serving --dir %s --fgrams 3".formatted(work)));
    assertEquals(2, exitCode("benchmark serving --dir %s --batches 0".formatted(work)));
    assertEquals(2, exitCode("benchmark"));
  }

  @Test
  void noRowIsWrongAndNoCallFailsWhileTablesAreSwapped() throws IOException {
    Path work = directory.resolve("soaked");
    String command =
        ("benchmark soak --dir %s --corpus %s --fgrams 2000 --dim 8 --minutes 0.05"
                + " --swap-seconds 0.2 --batch 64 --server-options=--residency=ram")
            .formatted(work, text());
    done(command);
    JsonNode results = new ObjectMapper().readTree(work.resolve("soak.json").toFile());
    assertEquals(0, results.get("wrong_answers").asInt());
    assertEquals(0, results.get("errors").asInt());
    assertTrue(results.get("swaps").asInt() > 1);
    assertTrue(results.get("rows").asLong() > 0);
    assertEquals(60, results.get("samples").size());
    assertTrue(Files.size(work.resolve("soak.png")) > 1000);
  }

  @Test
  void stepsOfDecodingAreMeasuredWithAndWithoutRowsFetchedAhead() throws IOException {
    Path work = directory.resolve("prefetched");
    String command =
        ("benchmark prefetch --dir %s --corpus %s --fgrams 2000 --dim 8 --ahead 0,8"
                + " --row-caches 0,1m --sequences 2 --steps 150 --compute-seconds 0.0001"
                + " --warm-up-seconds 0.5")
            .formatted(work, text());
    JsonNode settings = json(command);
    assertEquals(4, settings.size());
    for (JsonNode setting : settings) {
      double known = setting.get("prefetched").asDouble() + setting.get("cached").asDouble();
      assertEquals(1, known + setting.get("awaited").asDouble(), 1e-9);
    }
    assertEquals(1, settings.get(0).get("steps_waited").asDouble());
    assertTrue(settings.get(1).get("prefetched").asDouble() > 0.1);
    assertTrue(settings.get(2).get("cached").asDouble() > 0);
    assertEquals(2, exitCode("benchmark prefetch --dir %s --steps 0".formatted(work)));
  }

  @Test
  void generationIsMeasuredWithRowsAndWithout() throws IOException {
    Path work = directory.resolve("generated");
    String command =
        ("benchmark generation --dir %s --corpus %s --fgrams 2000 --shape 32x1x2 --dtype f32"
                + " --device cpu --threads 1 --systems served,none,host-cache --batches 1,3"
                + " --steps 6 --rounds 2 --prompt-tokens 40 --chunk 16 --row-cache 1m")
            .formatted(work, text());
    done(command);
    JsonNode results = new ObjectMapper().readTree(work.resolve("generation.json").toFile());
    assertEquals("32x1x2", results.get("model").asText());
    List<String> measured = new ArrayList<>();
    for (JsonNode result : results.get("results")) {
      measured.add(result.get("system").asText() + " " + result.get("batch").asInt());
      boolean isServed = result.get("system").asText().equals("served");
      assertEquals(isServed, result.get("matched_share").asDouble() > 0);
      assertTrue(result.get("p50_us").asDouble() <= result.get("p99_us").asDouble());
      assertTrue(result.get("tokens_per_second").asDouble() > 0);
    }
    assertEquals(
        List.of("served 1", "none 1", "host-cache 1", "served 3", "none 3", "host-cache 3"),
        measured);
    assertEquals(3, results.get("prompts").size());
    assertEquals(
        List.of(16, 16, 8),
        results.get("timeline").findValues("tokens").stream().map(JsonNode::asInt).toList());
    assertEquals(0, results.get("gpu_memory_mib").asInt());

    assertEquals(2, exitCode("benchmark generation --dir %s --shape huge".formatted(work)));
  }

  @Test
  void trainingIsMeasuredWithAndWithoutAnFgramModel() throws IOException {
    Path work = directory.resolve("trained");
    String command =
        ("benchmark training --dir %s --corpus %s --fgrams 2000 --shape 16x1x2 --context 32"
                + " --batch 2 --accumulate 2 --device cpu --threads 1 --steps 2 --rounds 2")
            .formatted(work, text());
    done(command);
    JsonNode results = new ObjectMapper().readTree(work.resolve("training.json").toFile());
    List<String> systems = new ArrayList<>();
    for (JsonNode result : results.get("results")) {
      systems.add(result.get("system").asText());
      boolean isBaseline = result.get("system").asText().equals("baseline");
      assertEquals(isBaseline, result.get("fgram_parameters").asLong() == 0);
      assertEquals(isBaseline, result.get("fgrams_per_step").asDouble() == 0);
      assertTrue(result.get("teraflops_per_second").asDouble() > 0);
      assertEquals(
          List.of("batch", "forward", "backward", "update"),
          result.get("stage_ms").properties().stream().map(Map.Entry::getKey).toList());
    }
    assertEquals(List.of("baseline", "fgram-12"), systems);
  }

  @Test
  void aDirectoryThatNothingWasPreparedInTakesAnySettings() {
    Path unprepared = directory.resolve("unprepared");
    assertEquals(1, exitCode("benchmark prefetch --dir " + unprepared));
    assertEquals(1, exitCode("benchmark prefetch --corpus missing --dir " + unprepared));
    assertFalse(Files.exists(unprepared));
  }

  @Test
  void miningIsMeasuredAtSizesBelowAndBeyondTheCorpus() throws IOException {
    Path work = directory.resolve("mined");
    Path text = text(); // about 20,000 tokens
    String command =
        ("benchmark mining --dir %s --corpus %s --tokenizer gpt2 --sizes 60k,5k --max-ngram 3"
                + " --min-count 1 --memory 1m --threads 2")
            .formatted(work, text);
    done(command);
    JsonNode results = new ObjectMapper().readTree(work.resolve("mining.json").toFile());
    assertEquals("scone " + command, results.get("command").asText());
    assertEquals(1 << 20, results.get("memory_bytes").asLong());
    List<Long> sizes = new ArrayList<>();
    for (JsonNode result : results.get("results")) {
      sizes.add(result.get("tokens").asLong());
      assertTrue(result.get("seconds").asDouble() > 0);
      assertTrue(result.get("peak_anonymous_mib").asDouble() > 1);
      assertTrue(result.get("peak_mapped_mib").asDouble() > 1);
      List<String> stages =
          result.get("stage_seconds").properties().stream().map(Map.Entry::getKey).toList();
      assertTrue(stages.containsAll(List.of("counting 2-grams", "counting 3-grams", "writing")));
      assertEquals(2, result.get("lengths").size());
    }
    assertEquals(List.of(5_000L, 60_000L), sizes);
    try (Stream<Path> left = Files.list(work)) {
      assertEquals(
          List.of("mining.json", "mining.log"),
          left.map(file -> file.getFileName().toString()).sorted().toList());
    }

    assertEquals(2, exitCode("benchmark mining --corpus %s --sizes 0".formatted(text)));
    assertEquals(2, exitCode("benchmark mining --corpus %s --sizes 3X".formatted(text)));
  }

  /** Writes documents of words drawn from a few, so that many n-grams repeat. */
  private Path text() throws IOException {
    Random random = new Random(1);
    List<String> words =
        List.of("the", "of", "and", "a", "in", "to", "was", "is", "for", "on", "as", "by", "with");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      StringBuilder line = new StringBuilder("{\"text\":\"");
      for (int word = 0; word < 100; word++) {
        int rank = (int) (words.size() * Math.pow(random.nextDouble(), 2));
        line.append(words.get(rank)).append(' ');
      }
      lines.add(line.append("\"}").toString());
    }
    return Files.write(directory.resolve("text.jsonl"), lines);
  }
}
