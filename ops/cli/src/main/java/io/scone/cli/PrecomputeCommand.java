package io.scone.cli;

import io.scone.inference.Bundle;
import io.scone.inference.Device;
import io.scone.manifest.TableManifest;
import io.scone.precompute.Precompute;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone precompute}: the f-gram model makes the table of its bundle. */
@Command(
    name = "precompute",
    description = {
      "Computes the embedding of every f-gram of a bundle: its table.",
      "A run that was ended early goes on where it was when it is started again."
    })
final class PrecomputeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--bundle",
      required = true,
      paramLabel = "DIR",
      description = "The bundle whose f-grams are computed.")
  private Path bundle;

  @Option(
      names = "--dtype",
      defaultValue = "f16",
      converter = DtypeConverter.class,
      paramLabel = "TYPE",
      description = "How rows are stored: f32, f16, bf16, int8 or int4.")
  private Dtype dtype;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The table to make; it must not exist. The bundle's own if not given.")
  private Path out;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many compute, or feed the GPU; one for each core if not given.")
  private Integer threads;

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "DEVICE",
      description =
          "Where the f-gram model runs: cpu, cuda for the first GPU, cuda:N, or auto for the first"
              + " GPU where there is one and the f-gram model is not in f32.")
  private String device;

  @Override
  public Integer call() throws IOException {
    long begun = System.nanoTime();
    Bundle opened = Bundle.open(bundle);
    Path table = out == null ? opened.table() : out;
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    TableManifest manifest =
        Precompute.run(
            opened, table, dtype, device(opened), workers, Version.program(), common.progress());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("table", table.toString());
    result.put("rows", manifest.rowCount());
    result.put("row_bytes", manifest.rowBytes());
    result.put("dtype", manifest.dtype().toString());
    result.put("content_fingerprint", manifest.contentFingerprint());
    result.put("seconds", Outputs.secondsSince(begun));
    common.console().result(result);
    return 0;
  }

  private Device device(Bundle opened) throws IOException {
    Dtype computed = opened.fgramShape().dtype();
    try {
      return Device.of(device, computed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--device: " + e.getMessage() + ".", e);
    }
  }
}
