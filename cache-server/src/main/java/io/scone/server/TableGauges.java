package io.scone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.scone.v1.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The gauges of table versions, which come and go; they are right after {@link #refresh}. */
final class TableGauges {
  private static final String STATE_PREFIX = "TABLE_STATE_";

  private final TableCatalog catalog;
  private final MultiGauge info;
  private final MultiGauge rows;
  private final MultiGauge residentRows;
  private final MultiGauge residentBytes;

  TableGauges(MeterRegistry registry, TableCatalog catalog) {
    this.catalog = catalog;
    this.info = MultiGauge.builder("scone.table.info").register(registry);
    this.rows = MultiGauge.builder("scone.table.rows").register(registry);
    this.residentRows = MultiGauge.builder("scone.table.resident.rows").register(registry);
    this.residentBytes =
        MultiGauge.builder("scone.table.resident").baseUnit("bytes").register(registry);
  }

  /** Reads which versions there are now. */
  synchronized void refresh() {
    List<MultiGauge.Row<?>> infos = new ArrayList<>();
    List<MultiGauge.Row<?>> counts = new ArrayList<>();
    List<MultiGauge.Row<?>> residentCounts = new ArrayList<>();
    List<MultiGauge.Row<?>> residentSizes = new ArrayList<>();
    for (ServedTable table : catalog.all()) {
      TableVersion version = table.version();
      Tags name = Tags.of("table", version.getTable(), "version", version.getVersion());
      String state = catalog.status(table).getState().name().substring(STATE_PREFIX.length());
      Tags described =
          name.and("model", version.getModelFingerprint(), "state", state.toLowerCase(Locale.ROOT));
      infos.add(MultiGauge.Row.of(described, 1));
      counts.add(MultiGauge.Row.of(name, table.info().getRowCount()));
      residentCounts.add(MultiGauge.Row.of(name, table.table().residentRows()));
      residentSizes.add(MultiGauge.Row.of(name, table.table().residentBytes()));
    }
    info.register(infos, true);
    rows.register(counts, true);
    residentRows.register(residentCounts, true);
    residentBytes.register(residentSizes, true);
  }
}
