package io.scone.cli;

import io.scone.table.Table;
import io.scone.table.TableReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints one row of a table. */
@Command(name = "get", description = "Prints the row of one f-gram of a table on disk.")
final class TableGetCommand implements Callable<Integer> {
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
        throw new IOException("table " + directory + " holds no f-gram " + Arrays.toString(tokens));
      }
      byte[] row = new byte[table.manifest().rowBytes()];
      reader.read(ordinal, tokens, 0, tokens.length, row, 0);
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
