/**
 * The table: one immutable row for each f-gram, in a directory on disk.
 *
 * <p>A {@link io.scone.table.TableWriter} builds it from rows in key order and publishes it whole;
 * a {@link io.scone.table.Table} opens it read-only, holds its f-grams in memory and reads its rows
 * from RocksDB.
 *
 * <p>It is the only package that loads RocksDB. The server reads tables through it, precomputation
 * and export write them; the lookup client and the models' runtime never see it.
 */
package io.scone.table;
