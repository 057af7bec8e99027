/**
 * Serves the continuation of text over HTTP as OpenAI's completions do: {@link
 * io.scone.serve.GenerationServer} puts a {@link io.scone.generation.GenerationEngine} on a port.
 *
 * <p>It knows HTTP and JSON and leaves all decoding to {@code io.scone.generation}. Only the
 * command line uses it.
 */
package io.scone.serve;
