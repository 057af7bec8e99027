/**
 * Text from SCONE language models: how tokens are chosen ({@link io.scone.generation.Sampling}),
 * and the engine that continues many prompts at once ({@link
 * io.scone.generation.GenerationEngine}).
 *
 * <p>It stands on {@code io.scone.inference}; {@code io.scone.serve} and the command line use it.
 */
package io.scone.generation;
