/**
 * Training of SCONE models: the two models as PyTorch functions, batches of tagged windows, the
 * loop, and checkpoints.
 *
 * <p>{@link io.scone.training.ModelConfig}, {@link io.scone.training.Safetensors} and the manifest
 * of a checkpoint are plain Java; the rest loads PyTorch, which only this package and {@code
 * io.scone.distributed} do. Export and the formats of others read its checkpoints.
 */
package io.scone.training;
