package io.scone.cli;

import io.scone.row.Dtype;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the type of rows by the name it has in manifests. */
final class DtypeConverter implements ITypeConverter<Dtype> {
  @Override
  public Dtype convert(String name) {
    try {
      return Dtype.of(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
