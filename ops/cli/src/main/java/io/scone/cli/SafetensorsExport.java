package io.scone.cli;

import io.scone.fgram.FgramKey;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.Safetensors;
import io.scone.training.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows as four tensors: {@code tokens} [rows, K] in reading order, after the last token -1; {@code
 * lengths} [rows]; {@code counts} [rows]; and {@code rows} [rows, dim] as the table stores them, or
 * as F32 where safetensors has no such type.
 */
final class SafetensorsExport implements TableExport {
  private static final int PADDING = -1;

  private final int maxNgram;
  private final RowCodec codec;
  private final boolean decoded;
  private final float[] values;
  private final SafetensorsWriter file;

  SafetensorsExport(Path file, TableManifest manifest) throws IOException {
    this.maxNgram = manifest.maxNgram();
    this.codec = manifest.rowCodec();
    this.decoded = type(manifest.dtype()) == Safetensors.Type.F32 && manifest.dtype() != Dtype.F32;
    this.values = new float[codec.dim()];
    long rows = manifest.rowCount();
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "tokens", new Safetensors.Tensor(Safetensors.Type.I64, List.of(rows, (long) maxNgram)));
    tensors.put("lengths", new Safetensors.Tensor(Safetensors.Type.I64, List.of(rows)));
    tensors.put("counts", new Safetensors.Tensor(Safetensors.Type.I64, List.of(rows)));
    tensors.put(
        "rows", new Safetensors.Tensor(type(manifest.dtype()), List.of(rows, (long) codec.dim())));
    this.file = new SafetensorsWriter(file, tensors);
  }

  private static Safetensors.Type type(Dtype dtype) {
    return switch (dtype) {
      case F32, INT8, INT4 -> Safetensors.Type.F32;
      case F16 -> Safetensors.Type.F16;
      case BF16 -> Safetensors.Type.BF16;
    };
  }

  @Override
  public void visit(byte[] key, long count, ByteBuffer row) throws IOException {
    int[] fgram = FgramKey.decode(key);
    ByteBuffer tokens = file.room("tokens", maxNgram * Long.BYTES);
    for (int i = 0; i < maxNgram; i++) {
      tokens.putLong(i < fgram.length ? fgram[i] : PADDING);
    }
    file.room("lengths", Long.BYTES).putLong(fgram.length);
    file.room("counts", Long.BYTES).putLong(count);
    if (decoded) {
      codec.decode(row, values, 0);
      ByteBuffer rows = file.room("rows", values.length * Float.BYTES);
      for (float value : values) {
        rows.putFloat(value);
      }
    } else {
      file.room("rows", row.remaining()).put(row);
    }
  }

  @Override
  public void publish() throws IOException {
    file.publish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
