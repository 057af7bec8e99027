package io.scone.table;

import java.nio.file.Path;

/** A process that builds a test table, to be killed by the tests. Says when it begins. */
final class TableBuild {
  private TableBuild() {}

  /** Takes the directory, the seed, the number of rows, their dim and the bytes of a file. */
  public static void main(String[] arguments) throws Exception {
    TestTable data =
        new TestTable(
            Long.parseLong(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
    System.out.println("begin");
    Path directory = Path.of(arguments[0]);
    try (TableWriter writer =
        TableWriter.create(directory, data.spec(), Long.parseLong(arguments[4]))) {
      data.addTo(writer);
      writer.publish();
    }
  }
}
