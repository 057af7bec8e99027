/**
 * Text from SCONE language models: how tokens are chosen ({@link io.scone.generation.Sampling}),
 * and the engine that continues many prompts at once ({@link
 * io.scone.generation.GenerationEngine}).
 */
package io.scone.generation;
