package io.scone.inference;

import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.SconeClientBuilder;
import io.scone.client.StepMatcher;
import io.scone.client.StepMatches;
import io.scone.client.TokenWindows;
import io.scone.manifest.BundleManifest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Rows of a table that a cache server serves. Rows of likely tokens are fetched while the model
 * computes the step before, so that a step waits only where its token was none of them and the
 * client's row cache does not know it either.
 */
public final class ServedRows implements RowSource {
  private final SconeClient client;
  private final StepMatcher steps;
  private final int maxNgram;
  private final OnMissingRows onMissing;
  private final RowCounters counters = new RowCounters();

  /** Whether the server failed and has not answered since; then nothing is waited for. */
  private boolean away;

  private ServedRows(SconeClient client, int maxNgram, RowFetching fetching) {
    this.client = client;
    this.steps = client.stepMatcher(fetching.ahead());
    this.maxNgram = maxNgram;
    this.onMissing = fetching.onMissing();
  }

  /**
   * Connects to a cache server and checks that its table belongs to the model.
   *
   * @param address as {@link SconeClient#builder} takes it
   * @param table the table's name; empty for the server's default table
   * @param model what is to read the rows
   * @throws IOException if there is no such table, it was made by another model, which the message
   *     names, or the model is a baseline
   * @throws io.scone.client.SconeException if the server cannot be asked
   */
  public static ServedRows connect(String address, String table, BundleManifest model)
      throws IOException {
    return connect(SconeClient.builder(address).table(table), model);
  }

  /** Connects as {@link #connect(SconeClientBuilder, BundleManifest, RowFetching)} by default. */
  public static ServedRows connect(SconeClientBuilder server, BundleManifest model)
      throws IOException {
    return connect(server, model, RowFetching.DEFAULT);
  }

  /**
   * Connects to a cache server and checks that its table belongs to the model.
   *
   * @param server how to connect, and which table to ask for
   * @param model what is to read the rows
   * @param fetching how rows are fetched
   * @throws IOException if there is no such table, it was made by another model, which the message
   *     names, or the model is a baseline
   * @throws io.scone.client.SconeException if the server cannot be asked
   */
  public static ServedRows connect(
      SconeClientBuilder server, BundleManifest model, RowFetching fetching) throws IOException {
    if (!model.hasFgrams()) {
      throw new IOException("the model is a baseline: it has no f-grams whose rows are served");
    }
    SconeClient client = server.modelFingerprint(model.modelFingerprint()).build();
    try {
      TableInfo info = find(client.serverInfo(), server.address(), server.table());
      check(info, server.address(), model);
      return new ServedRows(client, info.getMaxNgram(), fetching);
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
    TokenWindows asked = asked(windows);
    int tokens = windows.stream().mapToInt(each -> each.tokens().length - each.context()).sum();
    return await(client.matchAsync(asked), windows.size(), tokens);
  }

  @Override
  public FgramRows step(List<TokenWindow> windows) {
    StepMatches found = steps.step(asked(windows), !away);
    counters.step(found.waited(), found.prefetched(), found.cached(), found.awaited());
    int unknown = found.matches().unknownCount();
    if (unknown > 0 && onMissing == OnMissingRows.FAIL) {
      throw missing(
          IntStream.range(0, unknown).map(found.matches()::unknownPosition).toArray(),
          found.failure().orElse(null));
    }
    counters.missing(unknown);
    away = found.failure().isPresent() || (away && !steps.isServerAnswering());
    return rows(found.matches());
  }

  @Override
  public void fetchAhead() {
    steps.fetchAhead();
  }

  @Override
  public Supplier<FgramRows> begin(TokenWindow part, boolean last) {
    // While the server is away nothing is waited for, not even another thread with known rows.
    CompletableFuture<Matches> matches =
        away
            ? client.matchAsync(asked(List.of(part)))
            : steps.prompt(part.tokens(), part.context(), last);
    return () -> {
      long begin = System.nanoTime();
      boolean waits = !matches.isDone();
      FgramRows found = await(matches, 1, part.tokens().length - part.context());
      counters.chunk(waits ? Duration.ofNanos(System.nanoTime() - begin) : Duration.ZERO);
      return found;
    };
  }

  @Override
  public RowStatistics statistics() {
    return counters.statistics();
  }

  /** Returns the bytes that the client's row cache holds, about; any thread may ask. */
  public long cacheBytes() {
    return client.statistics().cacheBytes();
  }

  private static TokenWindows asked(List<TokenWindow> windows) {
    TokenWindows asked = new TokenWindows();
    windows.forEach(window -> asked.add(window.tokens(), window.context()));
    return asked;
  }

  /**
   * Waits for an answer.
   *
   * @param windows how many windows it is about
   * @param tokens how many tokens it is asked for
   */
  private FgramRows await(CompletableFuture<Matches> answer, int windows, int tokens) {
    if (away && !answer.isDone()) {
      counters.missing(tokens);
      return FgramRows.none();
    }
    Matches matches;
    try {
      matches = answer.join();
    } catch (CompletionException e) {
      if (onMissing == OnMissingRows.FAIL) {
        throw missing(IntStream.range(0, windows).toArray(), e.getCause());
      }
      away = true;
      counters.missing(tokens);
      return FgramRows.none();
    }
    away = false;
    if (matches.unknownCount() > 0 && onMissing == OnMissingRows.FAIL) {
      throw missing(IntStream.range(0, windows).toArray(), null);
    }
    counters.missing(matches.unknownCount());
    return rows(matches);
  }

  /** Returns a failure; without a cause, it is a shard's of which an answer did without. */
  private static MissingRowsException missing(int[] windows, Throwable cause) {
    return new MissingRowsException(
        windows, cause == null ? new IOException("a shard of the table is away") : cause);
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
