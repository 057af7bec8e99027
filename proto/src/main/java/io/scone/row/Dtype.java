package io.scone.row;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.scone.v1.RowType;
import java.util.Arrays;
import java.util.Locale;

/** How the values of a row are stored; `scone/v1/row.proto` defines the bytes. */
public enum Dtype {
  F32(RowType.ROW_TYPE_F32),
  F16(RowType.ROW_TYPE_F16),
  BF16(RowType.ROW_TYPE_BF16),
  INT8(RowType.ROW_TYPE_INT8),
  INT4(RowType.ROW_TYPE_INT4);

  private final RowType rowType;

  Dtype(RowType rowType) {
    this.rowType = rowType;
  }

  /** Returns the name used on the wire. */
  public RowType rowType() {
    return rowType;
  }

  /**
   * Returns the name used in manifests and on command lines: `f32`, `f16`, `bf16`, `int8`, `int4`.
   */
  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the type of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  @JsonCreator
  public static Dtype of(String name) {
    for (Dtype dtype : values()) {
      if (dtype.toString().equals(name)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        "no type '" + name + "'; there are " + Arrays.toString(values()));
  }

  /**
   * Returns the type of that name on the wire.
   *
   * @throws IllegalArgumentException if this release does not know it
   */
  public static Dtype of(RowType rowType) {
    for (Dtype dtype : values()) {
      if (dtype.rowType == rowType) {
        return dtype;
      }
    }
    throw new IllegalArgumentException("row type " + rowType + " is not known to this release");
  }
}
