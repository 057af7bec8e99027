package io.scone.files;

import io.scone.table.Durable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is being written beside its name. It appears under its name complete and durable, or
 * not at all.
 */
public final class PartialFile implements Closeable {
  private final Path file;
  private final FileChannel channel;

  /** Begins a file; what an earlier writer of it that was killed left behind is lost. */
  public PartialFile(Path file) throws IOException {
    this.file = file;
    this.channel =
        FileChannel.open(
            AtomicFiles.temporary(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  /** Returns where to write, at first its beginning; it belongs to this object. */
  public FileChannel channel() {
    return channel;
  }

  /** Gives the file its name, replacing a file that has it. */
  public void publish() throws IOException {
    channel.close();
    AtomicFiles.publish(file);
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.close();
      Durable.delete(AtomicFiles.temporary(file));
    }
  }
}
