/**
 * Computes the table of a bundle: one row for each of its f-grams.
 *
 * <p>It is where the runtime of models and tables meet: it runs the f-gram model by {@code
 * io.scone.inference} and writes by {@code io.scone.table}. Only the command line uses it.
 */
package io.scone.precompute;
