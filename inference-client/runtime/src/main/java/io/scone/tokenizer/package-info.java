/**
 * From text to tokens and back: {@link io.scone.tokenizer.Tokenizers} opens GPT-2's own tokenizer
 * or any {@code tokenizer.json} as a {@link io.scone.tokenizer.Tokenizer}.
 *
 * <p>It needs neither a model nor a server, so that corpus, generation and the command line use it
 * alike. Of this project it uses fingerprints alone.
 */
package io.scone.tokenizer;
