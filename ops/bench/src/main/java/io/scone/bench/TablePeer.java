package io.scone.bench;

import io.scone.fgram.FgramIndex;
import io.scone.table.Table;
import io.scone.table.TableReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A table on disk read in this process: RocksDB without a network. */
final class TablePeer implements Peer {
  private final Table table;

  /** Takes over the table. */
  TablePeer(Table table) {
    this.table = table;
  }

  @Override
  public Caller caller() {
    return new TableCaller();
  }

  @Override
  public void close() {
    table.close();
  }

  private final class TableCaller extends BlockingCaller {
    private final FgramIndex index = table.index();
    private final int rowBytes = table.manifest().rowBytes();
    private final TableReader reader = table.reader();
    private byte[] own = {};
    private ByteBuffer view = ByteBuffer.wrap(own);

    @Override
    void answer(Query.Window window, Receiver receiver) throws IOException {
      makeRoom(window.positions());
      for (int i = 0; i < window.positions(); i++) {
        int position = window.from() + i;
        long match = index.longestMatch(window.tokens(), window.start(), position);
        if (match != FgramIndex.NONE) {
          int length = FgramIndex.length(match);
          int ordinal = FgramIndex.ordinal(match);
          read(ordinal, window.tokens(), position - length + 1, length, i, receiver);
        }
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) throws IOException {
      makeRoom(fgrams.size());
      for (int i = 0; i < fgrams.size(); i++) {
        int[] fgram = fgrams.get(i);
        int ordinal = index.find(fgram, 0, fgram.length);
        read(ordinal, fgram, 0, fgram.length, i, receiver);
      }
    }

    private void read(
        int ordinal, int[] tokens, int offset, int length, int place, Receiver receiver)
        throws IOException {
      reader.read(ordinal, tokens, offset, length, own, place * rowBytes);
      receiver.row(tokens, offset, length, view, place * rowBytes);
    }

    private void makeRoom(int rows) {
      if (own.length < rows * rowBytes) {
        own = new byte[rows * rowBytes];
        view = ByteBuffer.wrap(own);
      }
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
