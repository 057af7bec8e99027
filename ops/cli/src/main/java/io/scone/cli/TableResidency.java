package io.scone.cli;

import io.scone.server.CatalogConfig;
import io.scone.table.Residency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * Where the rows of a table are held, as one types it: {@code ram}, {@code wiki=disk}, {@code
 * wiki=8GiB}.
 *
 * @param table the table's name, or {@link CatalogConfig#OTHER_TABLES}
 * @param residency how many of its rows are in memory
 */
record TableResidency(String table, Residency residency) {
  private static final String DISK = "disk";
  private static final String RAM = "ram";

  static TableResidency parse(String text) {
    int equals = text.indexOf('=');
    String table = equals < 0 ? CatalogConfig.OTHER_TABLES : text.substring(0, equals);
    String place = text.substring(equals + 1);
    return new TableResidency(
        table,
        switch (place) {
          case DISK -> Residency.disk();
          case RAM -> Residency.ram();
          default -> Residency.ram(bytes(place));
        });
  }

  private static long bytes(String place) {
    try {
      return MemorySize.parse(place).bytes();
    } catch (TypeConversionException e) {
      throw new TypeConversionException(
          "'"
              + place
              + "' is no place for rows; give disk, ram or an amount of memory such as 8GiB");
    }
  }

  /** Returns the residencies by their tables' names; a later one replaces an earlier one. */
  static Map<String, Residency> byTable(List<TableResidency> residencies) {
    Map<String, Residency> byTable = new HashMap<>();
    residencies.forEach(each -> byTable.put(each.table, each.residency));
    return byTable;
  }

  @Override
  public String toString() {
    String place;
    if (residency.equals(Residency.disk())) {
      place = DISK;
    } else if (residency.equals(Residency.ram())) {
      place = RAM;
    } else {
      place = new MemorySize(residency.maxBytes()).toString();
    }
    return table.equals(CatalogConfig.OTHER_TABLES) ? place : table + "=" + place;
  }
}
