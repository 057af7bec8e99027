/**
 * GPT-2 checkpoints in the layout of Hugging Face's transformers: models from it and into it.
 *
 * <p>It is the only package that knows that layout; a run's settings and the command line use it.
 */
package io.scone.huggingface;
