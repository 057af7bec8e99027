/**
 * Finds the f-grams of a corpus, its most frequent n-grams: {@link io.scone.mining.FgramMiner}
 * writes them as the file that {@link io.scone.mining.FgramFile} reads.
 *
 * <p>It reads {@code io.scone.corpus}. Training, export and precomputation read its file; none of
 * them counts n-grams itself.
 */
package io.scone.mining;
