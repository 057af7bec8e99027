package io.scone.bench;

import io.scone.progress.Progress;
import io.scone.table.DiskUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;

/**
 * The comparison of the cache server with the stores that people would use instead, on the same
 * rows and the same questions.
 *
 * <p>A process of its own asks each store. All are up and warm before the first measurement. In
 * every round each store is measured in each cell in turn, in an order of its own, so that whatever
 * else the machine does hits all alike.
 */
public final class ServingBenchmark {
  private static final long SEED = 1;
  private static final double MICROS = 1e6;
  private static final double NANOS_PER_MICRO = 1e3;

  private final BenchmarkData data;
  private final ServingConfig config;
  private final Map<Store, AskingProcess> askers;
  private final Progress progress;
  private final Map<Workload, Integer> sizes = new EnumMap<>(Workload.class);

  private ServingBenchmark(
      BenchmarkData data,
      ServingConfig config,
      Map<Store, AskingProcess> askers,
      Progress progress) {
    this.data = data;
    this.config = config;
    this.askers = askers;
    this.progress = progress;
  }

  /**
   * Starts the stores, measures them and stops them.
   *
   * @param command the command that measures, for the results
   * @throws IOException if a store fails
   * @throws WrongAnswerException if a store gives a row that is not its f-gram's, or not all rows
   */
  public static ServingResults run(
      BenchmarkData data,
      ServingConfig config,
      Daemon.Launcher launcher,
      String command,
      Progress progress)
      throws IOException {
    try (Stores stores = Stores.open(config, data, launcher, progress)) {
      List<ServingResults.Result> results =
          new ServingBenchmark(data, config, stores.askers(), progress).measure();
      return new ServingResults(
          Machine.current(),
          command,
          data.fgrams().length,
          data.rowBytes(),
          config.rounds(),
          config.time().toNanos() / 1e9,
          stores.skipped(),
          sizes(data),
          stores.starts(),
          results);
    }
  }

  private List<ServingResults.Result> measure() throws IOException {
    for (Workload workload : config.workloads()) {
      sizes.put(workload, size(workload));
    }
    warmUp(Collections.max(config.inFlight()));
    return rounds();
  }

  private int size(Workload workload) throws IOException {
    int size = workload.source(data).size();
    int largest = Collections.max(config.batches());
    if (size <= largest) {
      throw new IOException(
          "the text to ask for has %,d tokens, too few for a batch of %,d; prepare more"
              .formatted(size, largest));
    }
    return size;
  }

  /** Asks every store everything, all batches mixed, and checks all of it. */
  private void warmUp(int inFlight) throws IOException {
    progress.begin("warming up", (long) askers.size() * config.workloads().size(), "workloads");
    Duration time = config.warmUp().dividedBy(config.batches().size());
    for (Workload workload : config.workloads()) {
      for (Store store : askers.keySet()) {
        progress.note(store.toString());
        for (int batch : config.batches()) {
          if (store.takes(workload)) {
            Cell cell = new Cell(workload, batch, inFlight);
            askers.get(store).measure(new Measurement(cell, 0, time, true));
          }
        }
        progress.advance(1);
      }
    }
    progress.end();
  }

  private List<ServingResults.Result> rounds() throws IOException {
    List<Cell> cells = cells();
    Map<Cell, Map<Store, List<Sample>>> samples = new LinkedHashMap<>();
    cells.forEach(cell -> samples.put(cell, new EnumMap<>(Store.class)));
    progress.begin("measuring", (long) config.rounds() * cells.size() * askers.size(), "cells");
    Random random = new Random(SEED);
    List<Store> order = new ArrayList<>(askers.keySet());
    for (int round = 0; round < config.rounds(); round++) {
      for (Cell cell : cells) {
        Collections.shuffle(order, random);
        int shift = random.nextInt(sizes.get(cell.workload()));
        Measurement measurement = new Measurement(cell, shift, config.time(), false);
        for (Store store : order) {
          if (store.takes(cell.workload())) {
            Sample sample = askers.get(store).measure(measurement);
            samples.get(cell).computeIfAbsent(store, s -> new ArrayList<>()).add(sample);
          }
          progress.advance(1);
        }
      }
    }
    progress.end();
    return cells.stream()
        .flatMap(
            cell ->
                askers.keySet().stream()
                    .filter(samples.get(cell)::containsKey)
                    .map(store -> result(store, cell, samples.get(cell).get(store))))
        .toList();
  }

  private List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Workload workload : config.workloads()) {
      for (int batch : config.batches()) {
        for (int inFlight : config.inFlight()) {
          cells.add(new Cell(workload, batch, inFlight));
        }
      }
    }
    return cells;
  }

  private static ServingResults.Result result(Store store, Cell cell, List<Sample> samples) {
    Summary positions = Summary.of(samples.stream().map(Sample::positionsPerSecond).toList());
    Summary rows = Summary.of(samples.stream().map(Sample::rowsPerSecond).toList());
    Summary cpu =
        Summary.of(
            samples.stream()
                .map(s -> s.serverCpuSeconds() * MICROS / Math.max(1, s.rows()))
                .toList());
    Histogram nanos = samples.get(0).nanos().copy();
    samples.subList(1, samples.size()).forEach(sample -> nanos.add(sample.nanos()));
    return new ServingResults.Result(
        store.toString(),
        cell.workload().toString(),
        cell.batch(),
        cell.inFlight(),
        positions.median(),
        rows.median(),
        nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
        nanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
        cpu.median(),
        positions.min(),
        positions.max());
  }

  private static List<ServingResults.Size> sizes(BenchmarkData data) throws IOException {
    List<ServingResults.Size> sizes = new ArrayList<>();
    Map<String, Path> directories = new LinkedHashMap<>();
    directories.put("scone", data.table());
    directories.put("lmdb", LmdbPeer.directory(data));
    for (Map.Entry<String, Path> directory : directories.entrySet()) {
      if (Files.exists(directory.getValue())) {
        long bytes = DiskUsage.of(directory.getValue());
        double perPayload = (double) bytes / data.payloadBytes();
        sizes.add(new ServingResults.Size(directory.getKey(), bytes, perPayload));
      }
    }
    return sizes;
  }
}
