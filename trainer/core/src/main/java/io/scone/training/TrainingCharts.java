package io.scone.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.files.AtomicFiles;
import io.scone.progress.Progress;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A run's log as pictures by step, in its directory: `loss.png`, `perplexity.png` and
 * `tokens_per_second.png`. What was never logged has no picture.
 */
final class TrainingCharts {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 500;

  private TrainingCharts() {}

  /**
   * Draws the pictures, in the place of those that are there. Where Java cannot draw a run does
   * without: its log has the numbers.
   */
  static void draw(Path run, Progress progress) throws IOException {
    progress.begin("charts", -1, "files");
    try {
      write(run, progress);
    } catch (RuntimeException | LinkageError | InternalError e) { // of a Java that finds no fonts
      progress.note("not drawn: " + e.getMessage());
    } finally {
      progress.end();
    }
  }

  private static void write(Path run, Progress progress) throws IOException {
    List<JsonNode> log = TrainingLog.read(run);
    write(
        run.resolve("loss.png"),
        "training loss",
        List.of(series(log, "training", "/loss")),
        progress);
    write(
        run.resolve("perplexity.png"),
        "perplexity of the validation text",
        List.of(
            series(log, "with rows", "/validation/perplexity"),
            series(log, "rows off", "/validation/perplexity_without_rows")),
        progress);
    write(
        run.resolve("tokens_per_second.png"),
        "tokens a second",
        List.of(series(log, "training", "/tokens_per_second")),
        progress);
  }

  /** Draws a picture if there is something to be seen on it. */
  private static void write(Path file, String title, List<Series> series, Progress progress)
      throws IOException {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle("step").build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    for (Series each : series) {
      if (!each.steps.isEmpty()) {
        boolean line = each.steps.size() > 1;
        chart
            .addSeries(each.name, each.steps, each.values)
            .setMarker(line ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
      }
    }
    if (chart.getSeriesMap().isEmpty()) {
      return;
    }
    byte[] picture = BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    Files.write(AtomicFiles.temporary(file), picture); // only once it is drawn, where it can be
    AtomicFiles.publish(file);
    progress.advance(1);
  }

  private static Series series(List<JsonNode> log, String name, String pointer) {
    Series series = new Series(name, new ArrayList<>(), new ArrayList<>());
    for (JsonNode line : log) {
      JsonNode value = line.at(pointer);
      if (value.isNumber()) {
        series.steps.add(line.path("step").asLong());
        series.values.add(value.doubleValue());
      }
    }
    return series;
  }

  /** What a line of a picture goes through. */
  private record Series(String name, List<Long> steps, List<Double> values) {}
}
