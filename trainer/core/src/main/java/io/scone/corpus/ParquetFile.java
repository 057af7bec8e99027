package io.scone.corpus;

import blue.strategic.parquet.ParquetReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * A Parquet file: the column {@code text}, of UTF-8 strings, has a document in each row. Nothing
 * else of it is read; a row without a text is an empty document.
 */
final class ParquetFile implements DocumentFile {
  private static final String TEXT = "text";

  /** What pages may be compressed with; the others want classes of Hadoop's. */
  private static final Set<CompressionCodecName> CODECS =
      Set.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.ZSTD,
          CompressionCodecName.LZ4_RAW);

  private final Path file;
  private final LongConsumer bytesRead;
  private final ParquetFileReader reader;
  private final MessageType schema; // of the column alone
  private final ColumnDescriptor column;
  private ColumnReader texts;
  private long left; // rows of the group that is being read
  private int groups;
  private long row;

  private ParquetFile(
      Path file, LongConsumer bytesRead, ParquetFileReader reader, MessageType schema) {
    this.file = file;
    this.bytesRead = bytesRead;
    this.reader = reader;
    this.schema = schema;
    this.column = schema.getColumns().get(0);
  }

  /**
   * Opens a file.
   *
   * @param bytesRead is told of bytes of the file that are done with
   * @throws CorpusException if it is no Parquet file, or not one with a column of texts
   */
  static ParquetFile open(Path file, LongConsumer bytesRead) throws IOException {
    ParquetFileReader reader;
    try {
      reader = ParquetFileReader.open(ParquetReader.makeInputFile(file.toFile()));
    } catch (RuntimeException e) { // what Parquet throws of a file that is none
      throw new CorpusException(file + ": not a Parquet file, or a damaged one", e);
    }
    try {
      MessageType schema = texts(file, reader);
      reader.setRequestedSchema(schema);
      return new ParquetFile(file, bytesRead, reader, schema);
    } catch (CorpusException e) {
      reader.close();
      throw e;
    }
  }

  private static MessageType texts(Path file, ParquetFileReader reader) throws CorpusException {
    MessageType all = reader.getFileMetaData().getSchema();
    Type text = all.containsField(TEXT) ? all.getType(TEXT) : null;
    if (text == null
        || !text.isPrimitive()
        || text.isRepetition(Type.Repetition.REPEATED)
        || text.asPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
      throw new CorpusException(file + ": no column \"text\" with a string in each row");
    }
    for (var group : reader.getFooter().getBlocks()) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        if (chunk.getPath().toDotString().equals(TEXT) && !CODECS.contains(chunk.getCodec())) {
          throw new CorpusException(
              file
                  + ": compressed with "
                  + chunk.getCodec()
                  + "; what can be read is Snappy, Zstandard, LZ4 (raw) or nothing");
        }
      }
    }
    return new MessageType("documents", text);
  }

  @Override
  public String next() throws IOException {
    try {
      while (left == 0) {
        if (!nextGroup()) {
          return null;
        }
      }
      left--;
      row++;
      boolean present = texts.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel();
      // A decoder of its own reports malformed bytes; a string made of them would hide them.
      String text =
          present
              ? StandardCharsets.UTF_8
                  .newDecoder()
                  .decode(texts.getBinary().toByteBuffer())
                  .toString()
              : "";
      texts.consume();
      return text;
    } catch (RuntimeException e) { // what Parquet throws of damaged pages
      throw new CorpusException(where() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private boolean nextGroup() throws IOException {
    PageReadStore pages = reader.readNextRowGroup();
    long size = Files.size(file);
    int all = reader.getRowGroups().size();
    if (pages == null) {
      bytesRead.accept(all == 0 ? size : size - size * groups / all);
      return false;
    }
    bytesRead.accept(size * (groups + 1) / all - size * groups / all);
    groups++;
    left = pages.getRowCount();
    texts =
        new ColumnReadStoreImpl(
                pages,
                new GroupRecordConverter(schema).getRootConverter(),
                schema,
                reader.getFileMetaData().getCreatedBy())
            .getColumnReader(column);
    return true;
  }

  @Override
  public String where() {
    return file + ", row " + row;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
