package io.scone.bench;

import io.scone.files.AtomicFiles;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** Results as a picture: for each workload, positions a second by batch and calls in flight. */
public final class ServingChart {
  private static final int WIDTH = 1400;
  private static final int HEIGHT = 480;
  private static final double THOUSAND = 1000;

  private ServingChart() {}

  /** Writes the picture as PNG, whole or not at all. */
  public static void write(ServingResults results, Path file) throws IOException {
    List<CategoryChart> charts = new ArrayList<>();
    for (Workload workload : Workload.values()) {
      List<ServingResults.Result> part =
          results.results().stream().filter(r -> r.workload().equals(workload.toString())).toList();
      if (!part.isEmpty()) {
        charts.add(chart(workload, part));
      }
    }
    try (OutputStream out = Files.newOutputStream(AtomicFiles.temporary(file))) {
      BitmapEncoder.saveBitmap(charts, charts.size(), 1, out, BitmapEncoder.BitmapFormat.PNG);
    }
    AtomicFiles.publish(file);
  }

  private static CategoryChart chart(Workload workload, List<ServingResults.Result> results) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(workload + ": thousand positions a second, medians")
            .xAxisTitle("positions a call x calls in flight")
            .build();
    chart.getStyler().setAvailableSpaceFill(0.9).setChartBackgroundColor(Color.WHITE);
    List<String> systems = results.stream().map(ServingResults.Result::system).distinct().toList();
    for (String system : systems) {
      List<ServingResults.Result> own =
          results.stream().filter(result -> result.system().equals(system)).toList();
      chart.addSeries(
          system,
          own.stream().map(result -> result.batch() + " x " + result.inFlight()).toList(),
          own.stream().map(result -> result.positionsPerSecond() / THOUSAND).toList());
    }
    return chart;
  }
}
