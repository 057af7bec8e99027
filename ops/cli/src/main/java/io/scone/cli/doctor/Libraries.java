package io.scone.cli.doctor;

import io.scone.fgram.FgramKey;
import io.scone.inference.OnnxRuntime;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.table.Table;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.PyTorch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The native libraries that Scone stands on, each used as Scone uses it. */
final class Libraries {
  /** A tokenizer that only the native library runs: its words are whole ones. */
  private static final String WORDS =
      "{\"version\": \"1.0\", \"added_tokens\": [{\"id\": 0, \"content\": \"<|endoftext|>\","
          + " \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false,"
          + " \"special\": true}], \"pre_tokenizer\": {\"type\": \"Whitespace\"}, \"model\":"
          + " {\"type\": \"WordLevel\", \"vocab\": {\"<|endoftext|>\": 0, \"scone\": 1},"
          + " \"unk_token\": \"<|endoftext|>\"}}";

  private Libraries() {}

  static List<Check> all() {
    return List.of(
        new LibraryCheck("rocksdb", Libraries::useRocksDb),
        new LibraryCheck("onnx runtime", () -> "loads, release " + OnnxRuntime.load()),
        new LibraryCheck("pytorch", Libraries::usePyTorch),
        new LibraryCheck("tokenizers", Libraries::useTokenizers));
  }

  private static String useRocksDb() throws IOException {
    return inTemporaryDirectory(
        directory -> {
          String any = new Fingerprint().finish();
          TableSpec spec = new TableSpec(any, any, any, 2, 2, 1, Dtype.F32, "scone doctor");
          try (TableWriter writer = TableWriter.create(directory.resolve("table"), spec)) {
            writer.add(FgramKey.encode(new int[] {0, 1}), 1, ByteBuffer.allocate(Float.BYTES));
            var unused = writer.publish();
          }
          try (Table table = Table.open(directory.resolve("table"))) {
            table.verify();
          }
          return "loads; a table was written and read";
        });
  }

  private static String usePyTorch() throws IOException {
    int gpus = PyTorch.load();
    return "loads and trains on "
        + (gpus == 0 ? "the CPU" : gpus + " GPU" + (gpus == 1 ? "" : "s"));
  }

  private static String useTokenizers() throws IOException {
    return inTemporaryDirectory(
        directory -> {
          Path file = Files.writeString(directory.resolve("tokenizer.json"), WORDS);
          try (Tokenizer tokenizer = Tokenizers.load(file)) {
            if (tokenizer.encode("scone")[0] != 1) {
              throw new IOException("the library of tokenizers loads, but gives wrong tokens");
            }
          }
          return "loads; a text was tokenized";
        });
  }

  @FunctionalInterface
  private interface InDirectory {
    String run(Path directory) throws IOException;
  }

  private static String inTemporaryDirectory(InDirectory use) throws IOException {
    Path directory = Files.createTempDirectory("scone-doctor");
    try {
      return use.run(directory);
    } finally {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
          Files.delete(path);
        }
      }
    }
  }
}
