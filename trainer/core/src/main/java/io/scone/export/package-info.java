/**
 * Writes a trained checkpoint as a bundle: the two ONNX graphs, the tokenizer, the f-grams and the
 * manifest that ties them together. {@link io.scone.export.BundleExporter} is the way in; {@code
 * Onnx} holds the file format's messages and is no part of the public interface.
 *
 * <p>It reads checkpoints through {@code io.scone.training} and loads no runtime. The command line
 * and the benchmarks use it.
 */
package io.scone.export;
