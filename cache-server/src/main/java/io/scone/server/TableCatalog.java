package io.scone.server;

import io.scone.table.Table;
import io.scone.v1.TableSelector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The open tables of a server, by name; the first is the default. */
final class TableCatalog implements AutoCloseable {
  private final Map<String, ServedTable> tables = new LinkedHashMap<>();

  private TableCatalog() {}

  /** Opens the tables of a server; if one cannot be opened, none is. */
  static TableCatalog open(Map<String, Path> directories) throws IOException {
    if (directories.isEmpty()) {
      throw new IllegalArgumentException("there is no table to serve");
    }
    TableCatalog catalog = new TableCatalog();
    try {
      for (Map.Entry<String, Path> entry : directories.entrySet()) {
        Table table = Table.open(entry.getValue());
        catalog.tables.put(entry.getKey(), new ServedTable(entry.getKey(), table));
      }
      return catalog;
    } catch (IOException | RuntimeException e) {
      catalog.close();
      throw e;
    }
  }

  List<ServedTable> tables() {
    return List.copyOf(tables.values());
  }

  /**
   * Returns the table of that name, or the default one for an empty name.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none
   */
  ServedTable find(String name) {
    ServedTable table = name.isEmpty() ? tables.values().iterator().next() : tables.get(name);
    if (table == null) {
      throw Failures.unknownTable(name, tables.keySet());
    }
    return table;
  }

  /**
   * Returns the table that a request means.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none, FAILED_PRECONDITION if it is
   *     of another model than the request expects
   */
  ServedTable select(TableSelector selector) {
    ServedTable table = find(selector.getTable());
    String expected = selector.getModelFingerprint();
    String actual = table.version().getModelFingerprint();
    if (!expected.isEmpty() && !expected.equals(actual)) {
      throw Failures.otherModel(table.name(), expected, actual);
    }
    return table;
  }

  @Override
  public void close() {
    tables.values().forEach(served -> served.table().close());
  }
}
