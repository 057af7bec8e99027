/**
 * From text to tokens on disk: {@link io.scone.corpus.Documents} reads files, {@link
 * io.scone.corpus.CorpusTokenizer} encodes them, {@link io.scone.corpus.TokenCorpus} is the result.
 *
 * <p>It knows tokenizers and nothing of f-grams or models. Mining, training and evaluation read its
 * corpora.
 */
package io.scone.corpus;
