package io.scone.manifest;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.scone.row.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The types that a model's graph computes in.
 *
 * @param weights how the weights of its linear layers are stored
 * @param activations what everything else is: the other weights, what flows between layers, keys
 *     and values, and the rows that it takes; f32, f16 or bf16
 */
public record Precision(Dtype weights, Dtype activations) {
  private static final List<Precision> ALL =
      Arrays.stream(Dtype.values()).flatMap(Precision::ofWeights).toList();

  /** Checks that the types can go together. */
  public Precision {
    Check.that(isFloat(activations), "activations are never %s", activations);
    Check.that(
        !isFloat(weights) || weights == activations,
        "weights of %s with activations of %s",
        weights,
        activations);
  }

  /** Returns the precision of weights, with the activations that need not be said. */
  public static Precision of(Dtype weights) {
    return new Precision(weights, isFloat(weights) ? weights : Dtype.F32);
  }

  /**
   * Returns the precision of that name: that of a type, or `int8-f16` for weights and activations.
   *
   * @throws IllegalArgumentException if there is none
   */
  @JsonCreator
  public static Precision of(String name) {
    return ALL.stream()
        .filter(each -> name.equals(each.toString()) || name.equals(each.fullName()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no type '" + name + "'; there are " + ALL));
  }

  /** Returns the name used in manifests and on command lines. */
  @JsonValue
  @Override
  public String toString() {
    return equals(of(weights)) ? weights.toString() : fullName();
  }

  private String fullName() {
    return weights + "-" + activations;
  }

  private static Stream<Precision> ofWeights(Dtype weights) {
    return isFloat(weights)
        ? Stream.of(of(weights))
        : Arrays.stream(Dtype.values())
            .filter(Precision::isFloat)
            .map(each -> new Precision(weights, each));
  }

  private static boolean isFloat(Dtype dtype) {
    return dtype == Dtype.F32 || dtype == Dtype.F16 || dtype == Dtype.BF16;
  }
}
