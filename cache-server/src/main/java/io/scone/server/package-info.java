/**
 * The daemon: serves tables over gRPC.
 *
 * <p>{@link io.scone.server.CacheServer} opens the tables, listens and stops in order. A call goes
 * one way: its request is validated ({@code TokenWindows}, {@code FgramList}), its f-grams are
 * found in the table's index in memory ({@code EmbeddingService}), and their rows are read from the
 * table while the reply is written to the network ({@code RowReply}).
 *
 * <p>It uses {@code io.scone.table} and the contract in {@code proto}. Only the command line starts
 * it; all others reach it over a socket.
 */
package io.scone.server;
