package io.scone.server;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.DescribeTableResponse;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.ListTablesResponse;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;

/** The administration of tables, as far as this server has it: its tables are fixed. */
final class TableAdminService extends TableServiceGrpc.TableServiceImplBase {
  private final TableCatalog catalog;

  TableAdminService(TableCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public void listTables(ListTablesRequest request, StreamObserver<ListTablesResponse> replies) {
    ListTablesResponse.Builder tables = ListTablesResponse.newBuilder();
    catalog.tables().forEach(table -> tables.addTables(status(table)));
    replies.onNext(tables.build());
    replies.onCompleted();
  }

  @Override
  public void describeTable(
      DescribeTableRequest request, StreamObserver<DescribeTableResponse> replies) {
    try {
      ServedTable table = catalog.find(request.getTable());
      String active = table.version().getVersion();
      if (!request.getVersion().isEmpty() && !request.getVersion().equals(active)) {
        throw Failures.unknownVersion(table.name(), request.getVersion(), active);
      }
      replies.onNext(DescribeTableResponse.newBuilder().setTable(status(table)).build());
      replies.onCompleted();
    } catch (StatusRuntimeException e) {
      replies.onError(e);
    }
  }

  private static TableStatus status(ServedTable table) {
    return TableStatus.newBuilder()
        .setInfo(table.info())
        .setState(TableState.TABLE_STATE_ACTIVE)
        .setDirectory(table.table().directory().toString())
        .build();
  }
}
