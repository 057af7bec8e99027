package io.scone.server;

import com.google.protobuf.MessageLite;
import io.scone.table.TableReader;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executor;

/**
 * A reply whose rows are read from the table while it is written to the network.
 *
 * <p>It is sent once. Afterwards {@link #failure} says whether all its rows could be read; if not,
 * its call must end with that failure.
 */
final class RowReply {
  /**
   * Bytes of rows written at once: those of one HTTP/2 frame, which gRPC takes a buffer each for.
   */
  private static final int CHUNK_BYTES = 1 << 14;

  private final MessageLite head;
  private final int rowsField;
  private final FoundRows rows;
  private final int rowBytes;
  private final TableReader reader;
  private final Executor threads;
  private final Runnable waited;
  private long residentReads;
  private Exception failure;

  /**
   * Makes a reply.
   *
   * @param head the reply's message without its rows
   * @param rowsField the number of the field that holds the rows, which are written last
   * @param rows the rows, in order
   * @param rowBytes bytes in a row
   * @param reader reads the rows; it must stay open until the reply is sent
   * @param threads where rows of a large reply are read, too, or null to read all on the thread
   *     that writes the reply
   * @param waited throws once nobody waits for the reply any more
   */
  RowReply(
      MessageLite head,
      int rowsField,
      FoundRows rows,
      int rowBytes,
      TableReader reader,
      Executor threads,
      Runnable waited) {
    this.head = head;
    this.rowsField = rowsField;
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.reader = reader;
    this.threads = threads;
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
    if (threads != null && rows.size() > ReadAhead.ROWS) {
      writeRowsReadAhead(out);
    } else {
      writeRowsRead(out);
    }
  }

  private void writeRowsRead(OutputStream out) throws IOException {
    int rowsOfChunk = Math.min(Math.max(1, CHUNK_BYTES / rowBytes), rows.size());
    byte[] chunk = new byte[rowsOfChunk * rowBytes];
    for (int first = 0; first < rows.size(); first += rowsOfChunk) {
      int end = Math.min(first + rowsOfChunk, rows.size());
      try {
        waited.run();
        for (int i = first; i < end; i++) {
          int at = (i - first) * rowBytes;
          reader.read(rows.ordinal(i), rows.tokens(), rows.offset(i), rows.length(i), chunk, at);
        }
      } catch (IOException | RuntimeException e) {
        failure = e;
        return;
      }
      out.write(chunk, 0, (end - first) * rowBytes);
    }
    residentReads = reader.residentReads();
  }

  private void writeRowsReadAhead(OutputStream out) throws IOException {
    try (ReadAhead ahead = new ReadAhead(rows, rowBytes, reader, threads)) {
      while (true) {
        ReadAhead.Part part;
        try {
          waited.run();
          part = ahead.next();
        } catch (IOException | RuntimeException e) {
          failure = e;
          return;
        }
        if (part == null) {
          return;
        }
        residentReads += part.residentReads();
        out.write(part.bytes(), 0, part.length());
        ahead.used(part);
      }
    }
  }

  /** Returns how many of the rows written were held in memory. */
  long residentReads() {
    return residentReads;
  }

  /** Returns why not all rows were written, or null if they were. */
  Exception failure() {
    return failure;
  }
}
