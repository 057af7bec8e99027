package io.scone.cli;

import io.scone.manifest.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what a model computes in by the name it has in manifests. */
final class PrecisionConverter implements ITypeConverter<Precision> {
  @Override
  public Precision convert(String name) {
    try {
      return Precision.of(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
