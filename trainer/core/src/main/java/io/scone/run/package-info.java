/**
 * A training run as its settings describe it: the YAML file and its overrides, presets, the data
 * that is made ready for it, and what its directory says about it.
 *
 * <p>It stands above corpus, mining and training and puts them together; only the command line uses
 * it.
 */
package io.scone.run;
