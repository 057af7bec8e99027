/**
 * Learns a byte-level BPE vocabulary from text: {@link io.scone.bpe.BpeTrainer}.
 *
 * <p>The result is a {@code tokenizer.json} that {@code io.scone.tokenizer} opens. Only the command
 * line uses it.
 */
package io.scone.bpe;
