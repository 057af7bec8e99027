package io.scone.cli;

import io.scone.inference.Bundle;
import io.scone.inference.ComputedRows;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.MainModel;
import io.scone.inference.OnMissingRows;
import io.scone.inference.RowFetching;
import io.scone.inference.RowSource;
import io.scone.inference.ServedRows;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of commands that run a model: its bundle and where its rows come from; a mixin. */
final class ModelOptions {
  /** Where rows come from when no server gives them. */
  private enum Rows {
    COMPUTED,
    NONE;

    /** Returns the name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private ClientOptions client;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "BUNDLE",
      description = "The bundle of the model.")
  private Path model;

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      description =
          "The cache server that serves the model's table: HOST:PORT, replicas with commas between,"
              + " dns:///NAME:PORT, unix:/PATH; shards of the table with semicolons between. A model"
              + " without f-grams, a baseline, needs none.")
  private String server;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "The table's name at the server; its default table if not given.")
  private String table;

  @Option(
      names = "--row-cache",
      paramLabel = "SIZE",
      description = "Keep rows that the server sent, up to this much memory; 0 for none.")
  private MemorySize rowCache = new MemorySize(256L << 20);

  @Option(
      names = "--prefetch",
      paramLabel = "N",
      description =
          "Of how many likely tokens the rows are fetched from the server while the model computes"
              + " the step before; 0 for none.")
  private int prefetch = RowFetching.DEFAULT.ahead();

  @Option(
      names = "--on-missing-rows",
      paramLabel = "WHAT",
      description =
          "What happens to tokens whose rows the server does not send in time: 'fail', or"
              + " 'token-embedding', which goes on as if no f-gram ended there.")
  private OnMissingRows onMissingRows = RowFetching.DEFAULT.onMissing();

  @Option(
      names = "--rows",
      paramLabel = "SOURCE",
      description = {
        "In place of a server: 'computed' runs the f-gram model whenever a row is needed, 'none'"
            + " runs the main model with its table off."
      })
  private Rows rows;

  @Option(
      names = "--dtype",
      defaultValue = "f32",
      converter = DtypeConverter.class,
      paramLabel = "TYPE",
      description =
          "Round computed rows as a table of this type does: f32, f16, bf16, int8 or int4.")
  private Dtype dtype;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "DEVICE",
      description =
          "Where the main model runs: cpu, cuda for the first GPU, cuda:N, or auto for the first GPU"
              + " where there is one and the model is not in f32.")
  private String device;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "How many threads of the CPU compute; 0 for one on each core.")
  private int threads;

  /** Opens the bundle. */
  Bundle openBundle() throws IOException {
    return Bundle.open(model);
  }

  /** Opens the main model on the device chosen; the caller closes it. */
  MainModel openModel(Bundle bundle) throws IOException {
    return MainModel.open(bundle, device(bundle), threads);
  }

  private Device device(Bundle bundle) {
    try {
      return Device.of(device, bundle.manifest().mainModel().activations());
    } catch (IllegalArgumentException e) {
      throw usage("--device: " + e.getMessage() + ".");
    }
  }

  /** Says whether the table is off. */
  boolean isTableOff() {
    return rows == Rows.NONE;
  }

  /** Opens the source of rows, of which a baseline has none; the caller closes it. */
  RowSource openRows(Bundle bundle) throws IOException {
    if (!bundle.manifest().hasFgrams()) {
      if (server != null || table != null || rows == Rows.COMPUTED) {
        throw usage(
            model + " is a baseline: it has no f-grams, so give neither --server nor --rows.");
      }
      return RowSource.none();
    }
    if (server == null && rows == null) {
      throw usage("Say where rows come from: --server ADDRESS, --rows computed or --rows none.");
    }
    if (server != null && rows != null) {
      throw usage("Give --server or --rows, not both.");
    }
    if (server != null) {
      return ServedRows.connect(
          client.builder(server).table(table == null ? "" : table).rowCache(rowCache.bytes()),
          bundle.manifest(),
          fetching());
    }
    if (rows == Rows.NONE) {
      return RowSource.none();
    }
    return new ComputedRows(
        FgramFile.open(bundle.fgrams()).index(),
        FgramModel.open(bundle, threads),
        new RowCodec(dtype, bundle.manifest().mainModel().dim()));
  }

  private RowFetching fetching() {
    try {
      return new RowFetching(prefetch, onMissingRows);
    } catch (IllegalArgumentException e) {
      throw usage("--prefetch: " + e.getMessage() + ".");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
