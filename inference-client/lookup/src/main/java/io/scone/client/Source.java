package io.scone.client;

import io.grpc.Deadline;
import io.scone.fgram.FgramFilter;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where the f-grams of one table are asked for: a server or its replicas, all shards of a split
 * table, or a cache before one of these. Futures fail with a {@link SconeException}.
 */
interface Source extends AutoCloseable {
  /** Finds the longest f-gram that ends at each asked position, all in one version of the table. */
  CompletableFuture<Matches> match(TokenWindows windows, Deadline until);

  /** Looks f-grams up, all in one version of the table. */
  CompletableFuture<FoundFgrams> lookup(List<int[]> fgrams, Deadline until);

  /** Says which f-grams one version of the table holds. */
  CompletableFuture<ContainedFgrams> contains(List<int[]> fgrams, Deadline until);

  /**
   * Asks for the f-gram filter of a version of the table.
   *
   * @return the filter; empty while the server has none, or none of that version
   */
  CompletableFuture<Optional<FgramFilter>> filter(TableVersion version, Deadline until);

  /**
   * Asks for the most frequent f-grams of a version of the table.
   *
   * @param offset how many to pass over
   * @return those that follow, none after the last; empty while the server has no list, or none of
   *     that version
   */
  CompletableFuture<Optional<List<int[]>>> frequent(
      TableVersion version, long offset, Deadline until);

  /** Returns what the table holds, as last heard. */
  CompletableFuture<TableInfo> table(Deadline until);

  /** Asks for what is served, and tells it of the whole table where it is split. */
  CompletableFuture<GetServerInfoResponse> info(Deadline until);

  /** Asks whether requests are taken, by the standard health service. */
  CompletableFuture<Boolean> isServing(Deadline until);

  /** Fails the calls under way. */
  @Override
  void close();
}
