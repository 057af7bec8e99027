package io.scone.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** Results as tables for people: what was measured, and how many times the others' Scone does. */
public final class ServingReport {
  private static final double THOUSAND = 1000;
  private static final List<String> SCONE =
      List.of(Store.SCONE_RAM.toString(), Store.SCONE_DISK.toString());

  private final ServingResults results;

  public ServingReport(ServingResults results) {
    this.results = results;
  }

  /** A table: names of columns, and rows of cells. */
  public record Section(List<String> columns, List<List<String>> rows) {}

  /** Returns the tables: all cells, disk, starts, and what was skipped if anything was. */
  public List<Section> sections() {
    return Stream.of(cells(), sizes(), starts(), skipped())
        .filter(section -> !section.rows().isEmpty())
        .toList();
  }

  /** Returns the machine, the command and the tables as Markdown. */
  public String markdown() {
    Machine machine = results.machine();
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %d processors, %.1f GiB; %s; %s%n%n"
            .formatted(
                machine.cpu(),
                machine.processors(),
                machine.memoryGib(),
                machine.os(),
                machine.java()));
    text.append("    ").append(results.command()).append("\n\n");
    text.append(
        "%,d f-grams, rows of %,d bytes; %d rounds of %.3g s in each cell.%n"
            .formatted(
                results.fgrams(), results.rowBytes(), results.rounds(), results.secondsPerCell()));
    for (Section section : sections()) {
      text.append('\n').append(row(section.columns()));
      text.append("|---".repeat(section.columns().size())).append("|\n");
      section.rows().forEach(cells -> text.append(row(cells)));
    }
    return text.toString();
  }

  private Section cells() {
    List<String> columns =
        List.of(
            "workload",
            "batch",
            "in flight",
            "system",
            "1000 positions/s",
            "min",
            "max",
            "p50 us",
            "p99 us",
            "server CPU us/row",
            "scone-ram is",
            "scone-disk is");
    List<List<String>> rows = new ArrayList<>();
    for (ServingResults.Result result : results.results()) {
      List<String> row = new ArrayList<>();
      row.add(result.workload());
      row.add(String.valueOf(result.batch()));
      row.add(String.valueOf(result.inFlight()));
      row.add(result.system());
      row.add(number(result.positionsPerSecond() / THOUSAND));
      row.add(number(result.min() / THOUSAND));
      row.add(number(result.max() / THOUSAND));
      row.add(number(result.p50Us()));
      row.add(number(result.p99Us()));
      row.add("%.2f".formatted(result.serverCpuUsPerRow()));
      SCONE.forEach(scone -> row.add(ratio(scone, result)));
      rows.add(row);
    }
    return new Section(columns, rows);
  }

  /** Returns how many times a system's positions a second another does in the same cell. */
  private String ratio(String scone, ServingResults.Result result) {
    Optional<ServingResults.Result> same =
        results.results().stream()
            .filter(
                other ->
                    other.system().equals(scone)
                        && other.workload().equals(result.workload())
                        && other.batch() == result.batch()
                        && other.inFlight() == result.inFlight())
            .findFirst();
    return same.map(s -> "%.2f x".formatted(s.positionsPerSecond() / result.positionsPerSecond()))
        .orElse("-");
  }

  private Section sizes() {
    List<List<String>> rows =
        results.sizes().stream()
            .map(
                size ->
                    List.of(
                        size.system(),
                        "%,d".formatted(size.bytes()),
                        "%.3f".formatted(size.perPayload())))
            .toList();
    return new Section(List.of("on disk", "bytes", "bytes per byte of rows"), rows);
  }

  private Section starts() {
    List<List<String>> rows =
        results.starts().stream()
            .map(
                start ->
                    List.of(
                        start.system(),
                        "%.2f".formatted(start.medianSeconds()),
                        "%.2f".formatted(start.minSeconds()),
                        "%.2f".formatted(start.maxSeconds())))
            .toList();
    return new Section(List.of("start to serving", "median s", "min", "max"), rows);
  }

  private Section skipped() {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, String> each : results.skipped().entrySet()) {
      rows.add(List.of(each.getKey(), each.getValue()));
    }
    return new Section(List.of("skipped", "because"), rows);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%,.0f", value);
  }

  private static String row(List<String> cells) {
    StringJoiner row = new StringJoiner(" | ", "| ", " |\n");
    cells.forEach(row::add);
    return row.toString();
  }
}
