package io.scone.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetFileTest {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message page { required int64 id; optional binary text (STRING);"
              + " required group meta { required binary source (STRING); } }");

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "ZSTD", "LZ4_RAW"})
  void theColumnOfTextsIsReadWhateverElseThereIs(CompressionCodecName codec) throws IOException {
    Path file = write("a.parquet", codec, Arrays.asList("one\n", null, "zwei 😀", "", "three"));
    assertEquals(List.of("one\n", "zwei 😀", "three"), read(file));
  }

  @Test
  void aFileOfManyRowGroupsIsReadInOrderAndItsBytesCounted() throws IOException {
    Random random = new Random(3);
    List<String> texts =
        IntStream.range(0, 3000).mapToObj(i -> i + " " + random.nextLong()).toList();
    Path file = write("groups.parquet", CompressionCodecName.UNCOMPRESSED, texts);
    assertEquals(texts, read(file));
    try (DocumentReader reader = Documents.of(List.of(file)).read()) {
      reader.next();
      long first = reader.bytesRead();
      assertTrue(first > 0 && first < Files.size(file) / 2, () -> "after a document " + first);
    }
  }

  @Test
  void aDirectoryHoldsThemBesideOtherText() throws IOException {
    write("b.parquet", CompressionCodecName.ZSTD, List.of("second"));
    Files.writeString(directory.resolve("a.txt"), "first");
    assertEquals(List.of("first", "second"), read(directory));
  }

  @Test
  void whatIsNoTableOfTextsIsNamed() throws IOException {
    Path text = Files.writeString(directory.resolve("text.parquet"), "no parquet at all");
    assertEquals(text + ": not a Parquet file, or a damaged one", refusal(text));
    Path other = directory.resolve("other.parquet");
    MessageType schema = MessageTypeParser.parseMessageType("message m { required int64 text; }");
    try (ParquetWriter<Long> writer =
        new Builder<Long>(other, schema, ParquetFileTest::addNumber).build()) {
      writer.write(1L);
    }
    assertEquals(other + ": no column \"text\" with a string in each row", refusal(other));
  }

  @Test
  void aDamagedPageIsNamed() throws IOException {
    Random random = new Random(4);
    List<String> texts =
        IntStream.range(0, 300).mapToObj(i -> Long.toHexString(random.nextLong())).toList();
    Path file = write("damaged.parquet", CompressionCodecName.ZSTD, texts);
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 1000, 1500, (byte) 0);
    Files.write(file, bytes);
    assertTrue(refusal(file).startsWith(file + ", row "), refusal(file));
  }

  private Path write(String name, CompressionCodecName codec, List<String> texts)
      throws IOException {
    Path file = directory.resolve(name);
    try (ParquetWriter<String> writer =
        new Builder<String>(file, SCHEMA, ParquetFileTest::addRow)
            .withCompressionCodec(codec)
            .withRowGroupSize(20_000L)
            .withMinRowCountForPageSizeCheck(10)
            .build()) {
      for (String text : texts) {
        writer.write(text == null ? "" : text + "|"); // a record cannot be null
      }
    }
    return file;
  }

  private static void addNumber(long number, RecordConsumer row) {
    row.startField("text", 0);
    row.addLong(number);
    row.endField("text", 0);
  }

  private static void addRow(String marked, RecordConsumer row) {
    row.startField("id", 0);
    row.addLong(7);
    row.endField("id", 0);
    if (!marked.isEmpty()) {
      row.startField("text", 1);
      row.addBinary(Binary.fromString(marked.substring(0, marked.length() - 1)));
      row.endField("text", 1);
    }
    row.startField("meta", 2);
    row.startGroup();
    row.startField("source", 0);
    row.addBinary(Binary.fromString("somewhere"));
    row.endField("source", 0);
    row.endGroup();
    row.endField("meta", 2);
  }

  private static List<String> read(Path path) throws IOException {
    List<String> texts = new ArrayList<>();
    Documents documents = Documents.of(List.of(path));
    try (DocumentReader reader = documents.read()) {
      for (String text = reader.next(); text != null; text = reader.next()) {
        texts.add(text);
      }
      assertEquals(documents.bytes(), reader.bytesRead());
    }
    return texts;
  }

  private static String refusal(Path path) {
    return assertThrows(CorpusException.class, () -> read(path)).getMessage();
  }

  /** What the fields of a record are. */
  private interface Row<T> {
    void add(T value, RecordConsumer row);
  }

  /** Makes writers of records, of any schema and without Hadoop. */
  @SuppressWarnings("deprecation") // what is to be overridden is so
  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final MessageType schema;
    private final Row<T> fields;

    Builder(Path file, MessageType schema, Row<T> fields) {
      super((OutputFile) new LocalOutputFile(file));
      this.schema = schema;
      this.fields = fields;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return new WriteSupport<>() {
        private RecordConsumer consumer;

        @Override
        public WriteContext init(Configuration ignored) {
          return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
          consumer = recordConsumer;
        }

        @Override
        public void write(T value) {
          consumer.startMessage();
          fields.add(value, consumer);
          consumer.endMessage();
        }
      };
    }
  }
}
