/**
 * The light client of a cache server: gRPC and nothing else.
 *
 * <p>{@link io.scone.client.SconeClient} asks for the f-grams of token windows and gets their rows.
 *
 * <p>It uses the contract in {@code proto} and no other package, so that a program that only asks
 * brings neither RocksDB nor ONNX Runtime; a test says so. Any package above it may use it, the
 * server must not.
 */
package io.scone.client;
