/**
 * Runs SCONE models with ONNX Runtime: {@link io.scone.inference.Bundle} opens a model directory,
 * {@link io.scone.inference.MainModel} gives the logits of next tokens, {@link
 * io.scone.inference.Evaluator} measures perplexity. Where f-gram rows come from is a {@link
 * io.scone.inference.RowSource}.
 */
package io.scone.inference;
