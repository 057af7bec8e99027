package io.scone.bench;

import io.scone.files.AtomicFiles;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A soak as a picture: the server's memory and the latency of calls over time. */
public final class SoakChart {
  private static final int WIDTH = 1400;
  private static final int HEIGHT = 420;
  private static final double MICROS_PER_MILLI = 1000;

  private SoakChart() {}

  /** Writes the picture as PNG, whole or not at all. */
  public static void write(SoakResults results, Path file) throws IOException {
    List<SoakResults.Sample> samples = results.samples();
    XYChart memory = chart("the server's memory", "MiB");
    add(memory, "resident", samples, SoakResults.Sample::residentMib);
    add(memory, "not of mapped files", samples, SoakResults.Sample::anonymousMib);
    XYChart latency = chart("calls of %d positions".formatted(results.batch()), "ms");
    add(latency, "p50", samples, sample -> sample.p50Us() / MICROS_PER_MILLI);
    add(latency, "p99", samples, sample -> sample.p99Us() / MICROS_PER_MILLI);
    add(latency, "slowest", samples, sample -> sample.maxUs() / MICROS_PER_MILLI);
    try (OutputStream out = Files.newOutputStream(AtomicFiles.temporary(file))) {
      BitmapEncoder.saveBitmap(List.of(memory, latency), 2, 1, out, BitmapEncoder.BitmapFormat.PNG);
    }
    AtomicFiles.publish(file);
  }

  private static XYChart chart(String title, String unit) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("seconds")
            .yAxisTitle(unit)
            .build();
    chart.getStyler().setYAxisMin(0.0).setChartBackgroundColor(Color.WHITE);
    return chart;
  }

  private static void add(
      XYChart chart,
      String name,
      List<SoakResults.Sample> samples,
      ToDoubleFunction<SoakResults.Sample> value) {
    double[] seconds = samples.stream().mapToDouble(s -> s.seconds()).toArray();
    double[] values = samples.stream().mapToDouble(value).toArray();
    chart.addSeries(name, seconds, values).setMarker(SeriesMarkers.NONE);
  }
}
