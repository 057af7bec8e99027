/**
 * Rows as bytes: {@link io.scone.row.RowCodec} turns floats into what a table holds and back, for
 * each {@link io.scone.row.Dtype}.
 *
 * <p>It uses nothing but the enumeration of types in {@code io.scone.v1}; any package may use it.
 */
package io.scone.row;
