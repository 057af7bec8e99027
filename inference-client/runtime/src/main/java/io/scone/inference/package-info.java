/**
 * Runs SCONE models with ONNX Runtime: {@link io.scone.inference.Bundle} opens a model directory,
 * {@link io.scone.inference.MainModel} gives the logits of next tokens, {@link
 * io.scone.inference.Evaluator} measures perplexity. Where f-gram rows come from is a {@link
 * io.scone.inference.RowSource}.
 *
 * <p>It is the only package that loads ONNX Runtime, and it knows the cache server through {@code
 * io.scone.client} alone. Generation, serving, precomputation and the command line stand on it.
 */
package io.scone.inference;
