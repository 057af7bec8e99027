/**
 * Finds the f-grams of a corpus, its most frequent n-grams: {@link io.scone.mining.FgramMiner}
 * writes them as the file that {@link io.scone.mining.FgramFile} reads.
 */
package io.scone.mining;
