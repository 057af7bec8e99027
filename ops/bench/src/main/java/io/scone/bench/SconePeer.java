package io.scone.bench;

import io.scone.client.FoundFgrams;
import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A cache server asked through one client, which all callers share. */
final class SconePeer implements Peer {
  private final SconeClient client;

  SconePeer(String address) {
    this.client = SconeClient.connect(address);
  }

  @Override
  public Caller caller() {
    return new AsyncCaller();
  }

  @Override
  public void close() {
    client.close();
  }

  private final class AsyncCaller implements Caller {
    @Override
    public CompletableFuture<Void> match(Query.Window window, Receiver receiver) {
      TokenWindows windows =
          new TokenWindows()
              .add(
                  window.tokens(),
                  window.start(),
                  window.end() - window.start(),
                  window.from() - window.start());
      return client.matchAsync(windows).thenAccept(matches -> show(matches, window, receiver));
    }

    @Override
    public CompletableFuture<Void> lookup(List<int[]> fgrams, Receiver receiver) {
      return client.lookupAsync(fgrams).thenAccept(found -> show(found, fgrams, receiver));
    }

    @Override
    public void close() {}
  }

  private static void show(Matches matches, Query.Window window, Receiver receiver) {
    receiver.servedBy(matches.servedBy().getVersion());
    ByteBuffer rows = matches.rows().bytes();
    int rowBytes = matches.rows().codec().rowBytes();
    for (int i = 0; i < matches.count(); i++) {
      int length = matches.length(i);
      int first = window.from() + matches.position(i) - length + 1;
      receiver.row(window.tokens(), first, length, rows, matches.rowIndex(i) * rowBytes);
    }
  }

  private static void show(FoundFgrams found, List<int[]> fgrams, Receiver receiver) {
    receiver.servedBy(found.servedBy().getVersion());
    ByteBuffer rows = found.rows().bytes();
    int rowBytes = found.rows().codec().rowBytes();
    for (int i = 0; i < found.count(); i++) {
      if (found.found(i)) {
        int[] fgram = fgrams.get(i);
        receiver.row(fgram, 0, fgram.length, rows, found.rowIndex(i) * rowBytes);
      }
    }
  }
}
