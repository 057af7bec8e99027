package io.scone.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.scone.fgram.FgramKey;
import io.scone.files.AtomicFiles;
import io.scone.row.RowCodec;
import io.scone.table.Durable;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Rows as lines of JSON: {@code {"fgram":[262,1573],"count":12,"values":[0.5,-1.25]}}. */
final class JsonLinesExport implements TableExport {
  private final Path file;
  private final RowCodec codec;
  private final float[] values;
  private final JsonGenerator json;

  /** Writes into a writer, which stays open. */
  JsonLinesExport(Writer out, RowCodec codec) throws IOException {
    this(null, out, codec);
  }

  /** Writes a file. */
  JsonLinesExport(Path file, RowCodec codec) throws IOException {
    this(file, Files.newBufferedWriter(AtomicFiles.temporary(file)), codec);
  }

  private JsonLinesExport(Path file, Writer out, RowCodec codec) throws IOException {
    this.file = file;
    this.codec = codec;
    this.values = new float[codec.dim()];
    this.json = new JsonFactory().createGenerator(out);
    json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, file != null);
    json.setRootValueSeparator(null);
  }

  @Override
  public void visit(byte[] key, long count, ByteBuffer row) throws IOException {
    codec.decode(row, values, 0);
    json.writeStartObject();
    json.writeArrayFieldStart("fgram");
    for (int token : FgramKey.decode(key)) {
      json.writeNumber(token);
    }
    json.writeEndArray();
    json.writeNumberField("count", count);
    json.writeArrayFieldStart("values");
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeRaw('\n');
  }

  @Override
  public void publish() throws IOException {
    json.close();
    if (file != null) {
      AtomicFiles.publish(file);
    }
  }

  @Override
  public void close() throws IOException {
    json.close();
    if (file != null) {
      Durable.delete(AtomicFiles.temporary(file));
    }
  }
}
