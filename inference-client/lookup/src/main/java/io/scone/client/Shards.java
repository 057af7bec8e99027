package io.scone.client;

import io.grpc.Deadline;
import io.grpc.Status;
import io.scone.fgram.FgramFilter;
import io.scone.fgram.FgramShard;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The shards of a split table as one source. Each is asked for the same windows: an f-gram's shard
 * is a hash of its last two tokens, so that each position's longest match is entirely one shard's,
 * and the matches of all together are the whole table's. F-grams that are named go to their shard.
 *
 * <p>A call fails if a shard does, unless partial answers are allowed: then matches say which
 * positions would have been the failed shard's to answer.
 */
final class Shards implements Source {
  private static final int MAX_ATTEMPTS = 4;

  /** What a shard that may be back soon fails with. */
  private static final Set<Status.Code> AWAY =
      EnumSet.of(
          Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);

  private final List<Server> shards;
  private final List<String> names;
  private final boolean partial;

  /** What the shards are known to hold; null before the first call and after a change. */
  private volatile SplitTable known;

  /**
   * Makes a source of all shards of a table.
   *
   * @param shards the servers of the shards, in order; they are closed with the source
   * @param partial whether matches are returned though a shard failed
   */
  Shards(List<Server> shards, boolean partial) {
    this.shards = shards;
    this.partial = partial;
    this.names = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      names.add("shard " + i + " at " + shards.get(i));
    }
  }

  @Override
  public CompletableFuture<Matches> match(TokenWindows windows, Deadline until) {
    return call(
        until,
        table ->
            answers(partial, (shard, index) -> shard.match(windows, until))
                .thenApply(answers -> ShardJoiner.matches(windows, answers, table)));
  }

  @Override
  public CompletableFuture<FoundFgrams> lookup(List<int[]> fgrams, Deadline until) {
    int[] owners = owners(fgrams);
    return call(
        until,
        table ->
            answers(false, (shard, index) -> shard.lookup(of(index, fgrams, owners), until))
                .thenApply(answers -> ShardJoiner.lookups(owners, answers, table)));
  }

  @Override
  public CompletableFuture<ContainedFgrams> contains(List<int[]> fgrams, Deadline until) {
    int[] owners = owners(fgrams);
    return call(
        until,
        table ->
            answers(false, (shard, index) -> shard.contains(of(index, fgrams, owners), until))
                .thenApply(answers -> ShardJoiner.contained(owners, answers, table)));
  }

  /** Fails: each shard's filter knows its own f-grams only. */
  @Override
  public CompletableFuture<Optional<FgramFilter>> filter(TableVersion version, Deadline until) {
    return CompletableFuture.failedFuture(
        new SconeException(Status.Code.UNIMPLEMENTED, "a split table has no f-gram filter"));
  }

  /** Fails: each shard's list knows its own f-grams only. */
  @Override
  public CompletableFuture<Optional<List<int[]>>> frequent(
      TableVersion version, long offset, Deadline until) {
    return CompletableFuture.failedFuture(
        new SconeException(
            Status.Code.UNIMPLEMENTED, "a split table has no list of its frequent f-grams"));
  }

  @Override
  public CompletableFuture<TableInfo> table(Deadline until) {
    return split(until).thenApply(SplitTable::whole);
  }

  @Override
  public CompletableFuture<GetServerInfoResponse> info(Deadline until) {
    return answers(false, (shard, index) -> shard.info(until))
        .thenCompose(
            servers ->
                table(until)
                    .thenApply(
                        table ->
                            servers.get(0).toBuilder().clearTables().addTables(table).build()));
  }

  @Override
  public CompletableFuture<Boolean> isServing(Deadline until) {
    return answers(false, (shard, index) -> shard.isServing(until))
        .thenApply(servers -> servers.stream().allMatch(serving -> serving));
  }

  @Override
  public void close() {
    shards.forEach(Server::close);
  }

  private <R> CompletableFuture<R> call(
      Deadline until, Function<SplitTable, CompletableFuture<R>> work) {
    return attempt(until, work, 1);
  }

  private <R> CompletableFuture<R> attempt(
      Deadline until, Function<SplitTable, CompletableFuture<R>> work, int attempts) {
    return split(until)
        .thenCompose(work)
        .exceptionallyCompose(
            thrown -> {
              Throwable t = CallFailure.unwrap(thrown);
              if (t instanceof SconeException failure
                  && failure.code() == Status.Code.ABORTED
                  && attempts < MAX_ATTEMPTS) {
                known = null; // another version came up in a shard
                return attempt(until, work, attempts + 1);
              }
              return CompletableFuture.failedFuture(t);
            });
  }

  /** Returns what the shards hold, checked to be one table. */
  private CompletableFuture<SplitTable> split(Deadline until) {
    SplitTable table = known;
    if (table != null) {
      return CompletableFuture.completedFuture(table);
    }
    return answers(partial, (shard, index) -> shard.table(until))
        .thenApply(
            tables -> {
              SplitTable split = SplitTable.of(tables, names);
              if (!split.versions().contains(null)) {
                known = split;
              }
              return split;
            });
  }

  /**
   * Asks all shards at once.
   *
   * @param lenient whether null stands for the answer of a shard that is away, as long as one is
   *     not; otherwise the first failure is that of all
   */
  private <R> CompletableFuture<List<R>> answers(
      boolean lenient, BiFunction<Server, Integer, CompletableFuture<R>> ask) {
    List<CompletableFuture<R>> answers = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      String name = "shard " + i;
      answers.add(
          ask.apply(shards.get(i), i)
              .exceptionallyCompose(
                  thrown -> {
                    Throwable t = CallFailure.unwrap(thrown);
                    return CompletableFuture.failedFuture(
                        t instanceof SconeException failure ? failure.in(name) : t);
                  }));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .handle((done, failed) -> collect(answers, lenient));
  }

  private static <R> List<R> collect(List<CompletableFuture<R>> answers, boolean lenient) {
    List<R> collected = new ArrayList<>();
    CompletionException away = null;
    int answered = 0;
    for (CompletableFuture<R> answer : answers) {
      try {
        collected.add(answer.join());
        answered++;
      } catch (CompletionException e) {
        if (!lenient
            || !(e.getCause() instanceof SconeException failure)
            || !AWAY.contains(failure.code())) {
          throw e;
        }
        away = e;
        collected.add(null);
      }
    }
    if (answered == 0) {
      throw away;
    }
    return collected;
  }

  /** Returns the shard of each f-gram; of a single token there is none, and any shard says so. */
  private int[] owners(List<int[]> fgrams) {
    return fgrams.stream()
        .mapToInt(
            fgram ->
                fgram.length < 2
                    ? 0
                    : FgramShard.of(
                        fgram[fgram.length - 2], fgram[fgram.length - 1], shards.size()))
        .toArray();
  }

  private static List<int[]> of(int shard, List<int[]> fgrams, int[] owners) {
    List<int[]> own = new ArrayList<>();
    for (int i = 0; i < owners.length; i++) {
      if (owners[i] == shard) {
        own.add(fgrams.get(i));
      }
    }
    return own;
  }
}
