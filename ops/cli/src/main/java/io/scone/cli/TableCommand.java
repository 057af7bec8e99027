package io.scone.cli;

import io.scone.manifest.TableManifest;
import io.scone.table.Table;
import io.scone.table.TableReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into tables on disk. */
@Command(
    name = "table",
    description = "Looks into a table on disk.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TableCommand.Inspect.class,
      TableCommand.Verify.class,
      TableCommand.Get.class,
    })
final class TableCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /** Prints a table's manifest. */
  @Command(name = "inspect", description = "Prints what a table holds and what made it.")
  static final class Inspect implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(paramLabel = "DIR", description = "The table's directory.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
      TableManifest manifest = TableManifest.read(directory);
      long payload = manifest.rowCount() * manifest.rowBytes();
      long size = sizeOnDisk(directory);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("rows", manifest.rowCount());
      result.put("rows_by_length", manifest.rowCountsByLength());
      result.put("max_ngram", manifest.maxNgram());
      result.put("vocabulary_size", manifest.vocabularySize());
      result.put("dim", manifest.dim());
      result.put("dtype", manifest.dtype().toString());
      result.put("row_bytes", manifest.rowBytes());
      result.put("bytes_on_disk", size);
      result.put("bytes_on_disk_per_row_byte", payload == 0 ? null : (double) size / payload);
      result.put("content_fingerprint", manifest.contentFingerprint());
      result.put("model_fingerprint", manifest.modelFingerprint());
      result.put("tokenizer_fingerprint", manifest.tokenizerFingerprint());
      result.put("made_by", manifest.madeBy());
      common.console().result(result);
      return CommandLine.ExitCode.OK;
    }

    private static long sizeOnDisk(Path directory) throws IOException {
      long size = 0;
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          size += Files.size(file);
        }
      }
      return size;
    }
  }

  /** Reads all of a table and compares it with its manifest. */
  @Command(
      name = "verify",
      description = "Reads every row of a table and compares them with its manifest.")
  static final class Verify implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(paramLabel = "DIR", description = "The table's directory.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
      try (Table table = Table.open(directory)) {
        table.verify();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("intact", true);
        result.put("rows", table.manifest().rowCount());
        result.put("content_fingerprint", table.manifest().contentFingerprint());
        common.console().result(result);
      }
      return CommandLine.ExitCode.OK;
    }
  }

  /** Prints one row of a table. */
  @Command(name = "get", description = "Prints the row of one f-gram.")
  static final class Get implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(index = "0", paramLabel = "DIR", description = "The table's directory.")
    private Path directory;

    @Parameters(
        index = "1",
        paramLabel = "TOKEN",
        arity = "1",
        split = ",",
        description = "The f-gram's tokens in reading order, such as 262,1573,286.")
    private int[] tokens;

    @Override
    public Integer call() throws IOException {
      try (Table table = Table.open(directory);
          TableReader reader = table.reader()) {
        int ordinal = table.index().find(tokens, 0, tokens.length);
        if (ordinal < 0) {
          throw new IOException(
              "table " + directory + " holds no f-gram " + Arrays.toString(tokens));
        }
        byte[] row = new byte[table.manifest().rowBytes()];
        reader.read(tokens, 0, tokens.length, row, 0);
        float[] values = new float[table.manifest().dim()];
        table.manifest().rowCodec().decode(ByteBuffer.wrap(row), values, 0);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("fgram", Arrays.stream(tokens).boxed().toList());
        result.put("ordinal", ordinal);
        result.put("values", IntStream.range(0, values.length).mapToObj(i -> values[i]).toList());
        common.console().result(result);
      }
      return CommandLine.ExitCode.OK;
    }
  }
}
