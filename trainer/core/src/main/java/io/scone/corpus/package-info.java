/**
 * From text to tokens on disk: {@link io.scone.corpus.Documents} reads files, {@link
 * io.scone.corpus.CorpusTokenizer} encodes them, {@link io.scone.corpus.TokenCorpus} is the result.
 */
package io.scone.corpus;
