package io.scone.corpus;

import java.io.Closeable;
import java.io.IOException;

/** The documents of one file, one after another. */
interface DocumentFile extends Closeable {
  /**
   * Returns the next document, perhaps an empty one, or null after the last.
   *
   * @throws CorpusException if the file is malformed; the message says where
   * @throws IOException if it cannot be read
   */
  String next() throws IOException;

  /** Returns where the document is that was read last. */
  String where();
}
