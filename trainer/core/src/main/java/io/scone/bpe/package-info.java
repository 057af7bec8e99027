/** Learns a byte-level BPE vocabulary from text: {@link io.scone.bpe.BpeTrainer}. */
package io.scone.bpe;
