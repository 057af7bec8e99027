package io.scone.bench;

import io.scone.fgram.FgramIndex;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A mapped matrix of rows with the f-grams in memory, in this process: what any server pays for its
 * rows before it sends them.
 */
final class MatrixPeer implements Peer {
  private final FgramIndex index;
  private final MappedRows rows;
  private final int rowBytes;

  MatrixPeer(FgramIndex index, MappedRows rows, int rowBytes) {
    this.index = index;
    this.rows = rows;
    this.rowBytes = rowBytes;
  }

  @Override
  public Caller caller() {
    return new MatrixCaller();
  }

  private final class MatrixCaller extends BlockingCaller {
    private final Distinct distinct = new Distinct(index.size());
    private final RowBuffer buffer = new RowBuffer();

    @Override
    void answer(Query.Window window, Receiver receiver) {
      ByteBuffer own = buffer.ofSize((long) window.positions() * rowBytes);
      distinct.clear();
      int copied = 0;
      for (int i = window.from(); i < window.end(); i++) {
        long match = index.longestMatch(window.tokens(), window.start(), i);
        if (match != FgramIndex.NONE) {
          int ordinal = FgramIndex.ordinal(match);
          int place = distinct.place(ordinal, copied);
          if (place == copied) {
            rows.copy(ordinal, own, copied++ * rowBytes);
          }
          int length = FgramIndex.length(match);
          receiver.row(window.tokens(), i - length + 1, length, own, place * rowBytes);
        }
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) {
      ByteBuffer own = buffer.ofSize((long) fgrams.size() * rowBytes);
      for (int i = 0; i < fgrams.size(); i++) {
        int[] fgram = fgrams.get(i);
        rows.copy(index.find(fgram, 0, fgram.length), own, i * rowBytes);
        receiver.row(fgram, 0, fgram.length, own, i * rowBytes);
      }
    }
  }
}
