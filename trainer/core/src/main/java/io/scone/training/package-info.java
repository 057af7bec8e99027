/**
 * Training of SCONE models: the two models as PyTorch functions, batches of tagged windows, the
 * loop, and checkpoints.
 *
 * <p>{@link io.scone.training.ModelConfig}, {@link io.scone.training.Safetensors} and the manifest
 * of a checkpoint are plain Java; the rest loads PyTorch.
 */
package io.scone.training;
