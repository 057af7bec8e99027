package io.scone.bench;

import io.scone.fgram.FgramKey;
import io.scone.table.Durable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * An LMDB in this process, as the paper that Scone follows keeps its rows. A match asks for longer
 * and longer f-grams until one is missing.
 */
final class LmdbPeer implements Peer {
  private static final int MAX_READERS = 64;

  private final int rowBytes;
  private final int maxNgram;
  private final Env<ByteBuffer> environment;
  private final Dbi<ByteBuffer> rows;

  private LmdbPeer(BenchmarkData data, Env<ByteBuffer> environment) {
    this.rowBytes = data.rowBytes();
    this.maxNgram = data.index().maxNgram();
    this.environment = environment;
    this.rows = environment.openDbi((byte[]) null);
  }

  /** Opens the database beside the data, after building it if there is none. */
  static LmdbPeer open(BenchmarkData data) throws IOException {
    Path directory = directory(data);
    if (!Files.exists(directory)) {
      Path building = Files.createDirectories(data.path("lmdb.building"));
      build(building, data);
      Durable.rename(building, directory);
    }
    Env<ByteBuffer> environment =
        Env.create()
            .setMapSize(mapSize(data))
            .setMaxReaders(MAX_READERS)
            .open(
                directory.toFile(),
                EnvFlags.MDB_RDONLY_ENV,
                EnvFlags.MDB_NORDAHEAD,
                EnvFlags.MDB_NOTLS,
                EnvFlags.MDB_NOLOCK);
    return new LmdbPeer(data, environment);
  }

  /** Returns where the database lies. */
  static Path directory(BenchmarkData data) {
    return data.path("lmdb");
  }

  @Override
  public Caller caller() {
    return new LmdbCaller();
  }

  @Override
  public void close() {
    environment.close();
  }

  private static long mapSize(BenchmarkData data) {
    return 4 * data.payloadBytes() + (1L << 28);
  }

  private static void build(Path directory, BenchmarkData data) {
    int[][] fgrams = data.fgrams();
    try (Env<ByteBuffer> environment =
        Env.create().setMapSize(mapSize(data)).open(directory.toFile(), EnvFlags.MDB_NOSYNC)) {
      Dbi<ByteBuffer> rows = environment.openDbi((byte[]) null, DbiFlags.MDB_CREATE);
      ByteBuffer key = ByteBuffer.allocateDirect(data.index().maxNgram() * FgramKey.TOKEN_BYTES);
      ByteBuffer row = ByteBuffer.allocateDirect(data.rowBytes());
      try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
        for (int[] fgram : fgrams) {
          key.clear().put(FgramKey.encode(fgram)).flip();
          data.pattern().write(fgram, 0, fgram.length, row.clear());
          rows.put(transaction, key, row.flip(), PutFlags.MDB_APPEND);
        }
        transaction.commit();
      }
      environment.sync(true);
    }
  }

  private final class LmdbCaller extends BlockingCaller {
    private final Txn<ByteBuffer> transaction = environment.txnRead();
    private final byte[] keyBytes = new byte[maxNgram * FgramKey.TOKEN_BYTES];
    private final ByteBuffer key = ByteBuffer.allocateDirect(keyBytes.length);
    private final RowBuffer buffer = new RowBuffer();

    @Override
    void answer(Query.Window window, Receiver receiver) {
      ByteBuffer own = buffer.ofSize((long) window.positions() * rowBytes);
      for (int i = 0; i < window.positions(); i++) {
        int position = window.from() + i;
        int longest = Math.min(maxNgram, position - window.start() + 1);
        if (longest < FgramKey.MIN_TOKENS) {
          continue;
        }
        // A key begins with those of its suffixes, so the longer ones follow by the limit alone.
        setKey(window.tokens(), position - longest + 1, longest);
        int length = 0;
        ByteBuffer row = null;
        for (int n = FgramKey.MIN_TOKENS; n <= longest; n++) {
          ByteBuffer found = find(n);
          if (found == null) {
            break; // and what was found before it stays in place
          }
          row = found;
          length = n;
        }
        if (row != null) {
          own.put(i * rowBytes, row, 0, rowBytes);
          receiver.row(window.tokens(), position - length + 1, length, own, i * rowBytes);
        }
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) {
      ByteBuffer own = buffer.ofSize((long) fgrams.size() * rowBytes);
      for (int i = 0; i < fgrams.size(); i++) {
        int[] fgram = fgrams.get(i);
        setKey(fgram, 0, fgram.length);
        ByteBuffer row = find(fgram.length);
        if (row != null) {
          own.put(i * rowBytes, row, 0, rowBytes);
          receiver.row(fgram, 0, fgram.length, own, i * rowBytes);
        }
      }
    }

    private void setKey(int[] tokens, int offset, int length) {
      int bytes = FgramKey.encode(tokens, offset, length, keyBytes);
      key.clear().put(0, keyBytes, 0, bytes);
    }

    /** Returns the row of the key's first {@code length} tokens in LMDB's memory, or null. */
    private ByteBuffer find(int length) {
      return rows.get(transaction, key.position(0).limit(length * FgramKey.TOKEN_BYTES));
    }

    @Override
    public void close() {
      transaction.close();
    }
  }
}
