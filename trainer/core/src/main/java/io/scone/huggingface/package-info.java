/** GPT-2 checkpoints in the layout of Hugging Face's transformers: models from it and into it. */
package io.scone.huggingface;
