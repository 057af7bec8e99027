/** Computes the table of a bundle: one row for each of its f-grams. */
package io.scone.precompute;
