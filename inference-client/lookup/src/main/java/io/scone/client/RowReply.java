package io.scone.client;

import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;

/** A reply that holds rows. */
interface RowReply {
  /** The rows of a reply without any. */
  byte[] NO_ROWS = {};

  /** Returns the table that served it. */
  TableVersion servedBy();

  /** Returns the shape of its rows. */
  RowFormat rowFormat();

  /** Returns its rows, one after another: the reply's own array. */
  byte[] rows();
}
