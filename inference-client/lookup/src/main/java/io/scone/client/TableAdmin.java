package io.scone.client;

import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.scone.v1.ActivateTableRequest;
import io.scone.v1.ActivateTableResponse;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.LoadTableRequest;
import io.scone.v1.RollbackTableRequest;
import io.scone.v1.RollbackTableResponse;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.TableStatus;
import io.scone.v1.UnloadTableRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client of a cache server's administration: its tables and their versions.
 *
 * <p>A call that fails throws a {@link SconeException}; it is not made again, for it may have been
 * carried out. One that ends by its deadline goes on in the server. Made by {@link
 * SconeClientBuilder#buildAdmin}. Safe for use by many threads.
 */
public final class TableAdmin implements AutoCloseable {
  private static final int MAX_REPLY_BYTES = 16 << 20;

  private final Transport transport;
  private final Connection connection;
  private final Duration deadline;

  TableAdmin(Transport transport, Connection connection, Duration deadline) {
    this.transport = transport;
    this.connection = connection;
    this.deadline = deadline;
  }

  /** Returns every version of every table, the active ones first. */
  public List<TableStatus> list() {
    return call(TableServiceGrpc.getListTablesMethod(), ListTablesRequest.getDefaultInstance())
        .getTablesList();
  }

  /**
   * Returns one version.
   *
   * @param table the table's name, or an empty text for the default table
   * @param version the version, or an empty text for the active one
   */
  public TableStatus describe(String table, String version) {
    return call(
            TableServiceGrpc.getDescribeTableMethod(),
            DescribeTableRequest.newBuilder().setTable(table).setVersion(version).build())
        .getTable();
  }

  /**
   * Has the server open a table, without serving it yet; returns when it is loaded.
   *
   * @param table the name to load it under
   * @param directory its directory on the server's disk, an absolute path
   */
  public TableStatus load(String table, String directory) {
    return call(
            TableServiceGrpc.getLoadTableMethod(),
            LoadTableRequest.newBuilder().setTable(table).setDirectory(directory).build())
        .getTable();
  }

  /** Makes a loaded version the one that its table serves. */
  public ActivateTableResponse activate(String table, String version) {
    return call(
        TableServiceGrpc.getActivateTableMethod(),
        ActivateTableRequest.newBuilder().setTable(table).setVersion(version).build());
  }

  /** Makes the version that was active before the active one the active one again. */
  public RollbackTableResponse rollBack(String table) {
    return call(
        TableServiceGrpc.getRollbackTableMethod(),
        RollbackTableRequest.newBuilder().setTable(table).build());
  }

  /** Closes a version that is not active; returns when its last reader is done. */
  public void unload(String table, String version) {
    call(
        TableServiceGrpc.getUnloadTableMethod(),
        UnloadTableRequest.newBuilder().setTable(table).setVersion(version).build());
  }

  /** Closes the connection; calls under way fail, and go on in the server. */
  @Override
  public void close() {
    connection.close();
    transport.close();
  }

  private <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    Deadline until = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    return transport.await(connection.call(method, request, until, MAX_REPLY_BYTES));
  }
}
