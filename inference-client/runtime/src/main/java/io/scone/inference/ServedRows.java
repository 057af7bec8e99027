package io.scone.inference;

import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import io.scone.manifest.BundleManifest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Rows of a table that a cache server serves. */
public final class ServedRows implements RowSource {
  private final SconeClient client;
  private final int maxNgram;

  private ServedRows(SconeClient client, int maxNgram) {
    this.client = client;
    this.maxNgram = maxNgram;
  }

  /**
   * Connects to a cache server and checks that its table belongs to the model.
   *
   * @param address as {@link SconeClient#builder} takes it
   * @param table the table's name; empty for the server's default table
   * @param model what is to read the rows
   * @throws IOException if there is no such table or it was made by another model; the message
   *     names both
   * @throws io.scone.client.SconeException if the server cannot be asked
   */
  public static ServedRows connect(String address, String table, BundleManifest model)
      throws IOException {
    return connect(SconeClient.builder(address).table(table), model);
  }

  /**
   * Connects to a cache server and checks that its table belongs to the model.
   *
   * @param server how to connect, and which table to ask for
   * @param model what is to read the rows
   * @throws IOException if there is no such table or it was made by another model; the message
   *     names both
   * @throws io.scone.client.SconeException if the server cannot be asked
   */
  public static ServedRows connect(SconeClient.Builder server, BundleManifest model)
      throws IOException {
    SconeClient client = server.modelFingerprint(model.modelFingerprint()).build();
    try {
      TableInfo info = find(client.serverInfo(), server.address(), server.table());
      check(info, server.address(), model);
      return new ServedRows(client, info.getMaxNgram());
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private static TableInfo find(GetServerInfoResponse server, String address, String name)
      throws IOException {
    return server.getTablesList().stream()
        .filter(table -> name.isEmpty() || name.equals(table.getVersion().getTable()))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "the server at "
                        + address
                        + " has no table '"
                        + name
                        + "'; it has "
                        + server.getTablesList().stream()
                            .map(table -> table.getVersion().getTable())
                            .toList()));
  }

  private static void check(TableInfo table, String address, BundleManifest model)
      throws IOException {
    String maker = table.getVersion().getModelFingerprint();
    if (!maker.equals(model.modelFingerprint())) {
      throw new IOException(
          "the table '"
              + table.getVersion().getTable()
              + "' at "
              + address
              + " was made by the model "
              + maker
              + ", and this bundle's model is "
              + model.modelFingerprint()
              + "; serve the table that was precomputed from this bundle");
    }
    if (table.getRowFormat().getDim() != model.mainModel().dim()) {
      throw new IOException(
          "the table '"
              + table.getVersion().getTable()
              + "' at "
              + address
              + " has rows of "
              + table.getRowFormat().getDim()
              + " values, and the model takes "
              + model.mainModel().dim());
    }
  }

  @Override
  public int context() {
    return maxNgram - 1;
  }

  @Override
  public FgramRows find(List<TokenWindow> windows) {
    return await(windows.size(), client.matchAsync(asked(windows)));
  }

  @Override
  public Supplier<FgramRows> begin(TokenWindow part, boolean last) {
    CompletableFuture<Matches> matches = client.matchAsync(asked(List.of(part)));
    return () -> await(1, matches);
  }

  private static TokenWindows asked(List<TokenWindow> windows) {
    TokenWindows asked = new TokenWindows();
    windows.forEach(window -> asked.add(window.tokens(), window.context()));
    return asked;
  }

  private static FgramRows await(int windows, CompletableFuture<Matches> matches) {
    try {
      return rows(matches.join());
    } catch (CompletionException e) {
      throw new MissingRowsException(IntStream.range(0, windows).toArray(), e.getCause());
    }
  }

  private static FgramRows rows(Matches matches) {
    int count = matches.count();
    int[] positions = new int[count];
    int[] rowIndices = new int[count];
    int[] lengths = new int[count];
    for (int match = 0; match < count; match++) {
      positions[match] = matches.position(match);
      rowIndices[match] = matches.rowIndex(match);
      lengths[match] = matches.length(match);
    }
    return new FgramRows(
        positions, rowIndices, lengths, matches.rows().bytes(), matches.rows().codec());
  }

  @Override
  public void close() {
    client.close();
  }
}
