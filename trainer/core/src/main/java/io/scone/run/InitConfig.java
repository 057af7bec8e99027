package io.scone.run;

/**
 * What a model's weights are before the first step: a part of the sections `model` and `fgram`.
 *
 * @param initFrom the directory of a trained model to start from: a GPT-2 in the layout of Hugging
 *     Face's transformers, or for the f-gram model also a checkpoint or run with one; null to draw
 *     the weights
 */
record InitConfig(String initFrom) {
  /** Weights are drawn. */
  static final InitConfig DEFAULT = new InitConfig(null);
}
