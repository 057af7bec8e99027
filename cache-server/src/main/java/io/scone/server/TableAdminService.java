package io.scone.server;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scone.v1.ActivateTableRequest;
import io.scone.v1.ActivateTableResponse;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.DescribeTableResponse;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.ListTablesResponse;
import io.scone.v1.LoadTableRequest;
import io.scone.v1.LoadTableResponse;
import io.scone.v1.RollbackTableRequest;
import io.scone.v1.RollbackTableResponse;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.UnloadTableRequest;
import io.scone.v1.UnloadTableResponse;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The service of tables: the catalog's operations as calls. What takes time completes its call from
 * the catalog's threads, whether or not the caller still waits.
 */
final class TableAdminService extends TableServiceGrpc.TableServiceImplBase {
  private final TableCatalog catalog;

  TableAdminService(TableCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public void listTables(ListTablesRequest request, StreamObserver<ListTablesResponse> replies) {
    answer(replies, () -> ListTablesResponse.newBuilder().addAllTables(catalog.list()).build());
  }

  @Override
  public void describeTable(
      DescribeTableRequest request, StreamObserver<DescribeTableResponse> replies) {
    answer(
        replies,
        () ->
            DescribeTableResponse.newBuilder()
                .setTable(catalog.describe(request.getTable(), request.getVersion()))
                .build());
  }

  @Override
  public void loadTable(LoadTableRequest request, StreamObserver<LoadTableResponse> replies) {
    answerLater(
        replies,
        () ->
            catalog
                .load(name(request.getTable()), directory(request.getDirectory()))
                .thenApply(status -> LoadTableResponse.newBuilder().setTable(status).build()));
  }

  @Override
  public void activateTable(
      ActivateTableRequest request, StreamObserver<ActivateTableResponse> replies) {
    answer(
        replies,
        () -> {
          TableCatalog.Switch made = catalog.activate(request.getTable(), request.getVersion());
          return ActivateTableResponse.newBuilder()
              .setTable(made.active())
              .setPreviousVersion(made.previousVersion())
              .build();
        });
  }

  @Override
  public void rollbackTable(
      RollbackTableRequest request, StreamObserver<RollbackTableResponse> replies) {
    answer(
        replies,
        () -> {
          TableCatalog.Switch made = catalog.rollBack(request.getTable());
          return RollbackTableResponse.newBuilder()
              .setTable(made.active())
              .setPreviousVersion(made.previousVersion())
              .build();
        });
  }

  @Override
  public void unloadTable(UnloadTableRequest request, StreamObserver<UnloadTableResponse> replies) {
    answerLater(
        replies,
        () ->
            catalog
                .unload(request.getTable(), request.getVersion())
                .thenApply(freed -> UnloadTableResponse.getDefaultInstance()));
  }

  private static String name(String name) {
    if (!ServedTable.isName(name)) {
      throw Failures.malformed(
          "table", "'" + name + "' is no name of a table: 1 to 128 of a-z, 0-9, '-', '_' and '.'");
    }
    return name;
  }

  private static Path directory(String directory) {
    try {
      Path path = Path.of(directory);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      // It names no directory, like a relative path to nobody knows what.
    }
    throw Failures.malformed("directory", "'" + directory + "' is no absolute path");
  }

  private static <T> void answer(StreamObserver<T> replies, Supplier<T> work) {
    answerLater(replies, () -> CompletableFuture.completedFuture(work.get()));
  }

  private static <T> void answerLater(
      StreamObserver<T> replies, Supplier<CompletableFuture<T>> work) {
    // A caller that has gone does not take back what it asked for, and wants no answer.
    ((ServerCallStreamObserver<T>) replies).setOnCancelHandler(() -> {});
    CompletableFuture<T> reply;
    try {
      reply = work.get();
    } catch (RuntimeException e) {
      replies.onError(Failures.of(e));
      return;
    }
    CompletableFuture<T> unused =
        reply.whenComplete(
            (message, failure) -> {
              if (failure != null) {
                replies.onError(Failures.of(cause(failure)));
              } else {
                replies.onNext(message);
                replies.onCompleted();
              }
            });
  }

  private static Exception cause(Throwable failure) {
    boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
    return wrapped && failure.getCause() instanceof Exception cause
        ? cause
        : new IllegalStateException(failure);
  }
}
