package io.scone.run;

import io.scone.manifest.Precision;
import io.scone.row.Dtype;

/**
 * What a run's models are exported as, unless told otherwise: the section `inference` of its
 * settings.
 *
 * @param dtype what the main model is stored and computed in
 * @param fgramDtype what the f-gram model is stored and computed in
 */
public record InferenceConfig(Precision dtype, Dtype fgramDtype) {
  /** Float32, which a CPU runs best and a GPU runs too. */
  public static final InferenceConfig DEFAULT =
      new InferenceConfig(Precision.of(Dtype.F32), Dtype.F32);
}
