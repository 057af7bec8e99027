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
 * <p>All stores are up and warm before the first measurement. In every round each store is measured
 * in each cell in turn, in an order of its own, so that whatever else the machine does hits all
 * alike.
 */
public final class ServingBenchmark {
  private static final long SEED = 1;
  private static final double MICROS = 1e6;
  private static final double NANOS_PER_MICRO = 1e3;

  private final BenchmarkData data;
  private final ServingConfig config;
  private final List<Peer> peers;
  private final Progress progress;
  private final Map<Workload, Workload.Source> sources = new EnumMap<>(Workload.class);
  private final Map<Peer, List<Caller>> callers = new LinkedHashMap<>();

  private ServingBenchmark(
      BenchmarkData data, ServingConfig config, List<Peer> peers, Progress progress) {
    this.data = data;
    this.config = config;
    this.peers = peers;
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
          new ServingBenchmark(data, config, stores.peers(), progress).measure();
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
    int maxInFlight = Collections.max(config.inFlight());
    for (Workload workload : config.workloads()) {
      sources.put(workload, workload.source(data));
      checkSize(workload);
    }
    try {
      for (Peer peer : peers) {
        List<Caller> opened = new ArrayList<>();
        callers.put(peer, opened);
        for (int i = 0; i < maxInFlight; i++) {
          opened.add(peer.caller());
        }
      }
      warmUp(maxInFlight);
      return rounds();
    } finally {
      callers.values().forEach(opened -> opened.forEach(Caller::close));
    }
  }

  private void checkSize(Workload workload) throws IOException {
    int largest = Collections.max(config.batches());
    if (sources.get(workload).size() <= largest) {
      throw new IOException(
          "the text to ask for has %,d tokens, too few for a batch of %,d; prepare more"
              .formatted(sources.get(workload).size(), largest));
    }
  }

  /** Asks every store everything, all batches mixed, and checks all of it. */
  private void warmUp(int inFlight) throws IOException {
    progress.begin("warming up", (long) peers.size() * config.workloads().size(), "workloads");
    Duration time = config.warmUp().dividedBy(config.batches().size());
    for (Workload workload : config.workloads()) {
      for (Peer peer : peers) {
        progress.note(peer.name());
        for (int batch : config.batches()) {
          if (peer.takes(workload)) {
            measure(peer, new Cell(workload, batch, inFlight), 0, time, true);
          }
        }
        progress.advance(1);
      }
    }
    progress.end();
  }

  private List<ServingResults.Result> rounds() throws IOException {
    List<Cell> cells = cells();
    Map<Cell, Map<Peer, List<Sample>>> samples = new LinkedHashMap<>();
    cells.forEach(cell -> samples.put(cell, new LinkedHashMap<>()));
    progress.begin("measuring", (long) config.rounds() * cells.size() * peers.size(), "cells");
    Random random = new Random(SEED);
    List<Peer> order = new ArrayList<>(peers);
    for (int round = 0; round < config.rounds(); round++) {
      for (Cell cell : cells) {
        Collections.shuffle(order, random);
        int shift = random.nextInt(sources.get(cell.workload()).size());
        for (Peer peer : order) {
          if (peer.takes(cell.workload())) {
            Sample sample = measure(peer, cell, shift, config.time(), false);
            samples.get(cell).computeIfAbsent(peer, p -> new ArrayList<>()).add(sample);
          }
          progress.advance(1);
        }
      }
    }
    progress.end();
    return cells.stream()
        .flatMap(
            cell ->
                peers.stream()
                    .filter(samples.get(cell)::containsKey)
                    .map(peer -> result(peer, cell, samples.get(cell).get(peer))))
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

  private Sample measure(Peer peer, Cell cell, int shift, Duration time, boolean checkAll)
      throws IOException {
    Workload.Source source = sources.get(cell.workload());
    return Stopwatch.measure(peer, callers.get(peer), source, cell, shift, time, data, checkAll);
  }

  private static ServingResults.Result result(Peer peer, Cell cell, List<Sample> samples) {
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
        peer.name(),
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
