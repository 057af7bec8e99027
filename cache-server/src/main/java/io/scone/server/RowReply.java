package io.scone.server;

import com.google.protobuf.MessageLite;
import io.scone.table.TableReader;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A reply whose rows are read from the table while it is written to the network.
 *
 * <p>It is sent once. Afterwards {@link #failure} says whether all its rows could be read; if not,
 * its call must end with that failure.
 */
final class RowReply {
  private final MessageLite head;
  private final int rowsField;
  private final FoundRows rows;
  private final int rowBytes;
  private final TableReader reader;
  private final Runnable waited;
  private Exception failure;

  /**
   * Makes a reply.
   *
   * @param head the reply's message without its rows
   * @param rowsField the number of the field that holds the rows, the highest of the message
   * @param rows the rows, in order
   * @param rowBytes bytes in a row
   * @param reader reads the rows; it must stay open until the reply is sent
   * @param waited throws once nobody waits for the reply any more
   */
  RowReply(
      MessageLite head,
      int rowsField,
      FoundRows rows,
      int rowBytes,
      TableReader reader,
      Runnable waited) {
    this.head = head;
    this.rowsField = rowsField;
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.reader = reader;
    this.waited = waited;
  }

  MessageLite head() {
    return head;
  }

  int rowsField() {
    return rowsField;
  }

  /** Returns the bytes of all rows; limits keep it an int. */
  int rowsLength() {
    return rows.size() * rowBytes;
  }

  /** Reads and writes the rows, up to the first that cannot be read. */
  void writeRows(OutputStream out) throws IOException {
    byte[] row = new byte[rowBytes];
    for (int i = 0; i < rows.size(); i++) {
      try {
        waited.run();
        reader.read(rows.ordinal(i), rows.tokens(), rows.offset(i), rows.length(i), row, 0);
      } catch (IOException | RuntimeException e) {
        failure = e;
        return;
      }
      out.write(row);
    }
  }

  /** Returns why not all rows were written, or null if they were. */
  Exception failure() {
    return failure;
  }
}
