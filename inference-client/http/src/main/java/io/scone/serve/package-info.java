/**
 * Serves the continuation of text over HTTP as OpenAI's completions do: {@link
 * io.scone.serve.GenerationServer} puts a {@link io.scone.generation.GenerationEngine} on a port.
 */
package io.scone.serve;
