/**
 * The light client of a cache server: gRPC and nothing else.
 *
 * <p>{@link io.scone.client.SconeClient} asks for the f-grams of token windows and gets their rows.
 */
package io.scone.client;
