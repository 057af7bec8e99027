package io.scone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.scone.v1.TableStatus;
import io.scone.v1.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The gauges of table versions, which come and go; they are right after {@link #refresh}. */
final class TableGauges {
  private static final String STATE_PREFIX = "TABLE_STATE_";

  private final Supplier<List<TableStatus>> tables;
  private final MultiGauge info;
  private final MultiGauge rows;

  TableGauges(MeterRegistry registry, Supplier<List<TableStatus>> tables) {
    this.tables = tables;
    this.info = MultiGauge.builder("scone.table.info").register(registry);
    this.rows = MultiGauge.builder("scone.table.rows").register(registry);
  }

  /** Reads which versions there are now. */
  synchronized void refresh() {
    List<MultiGauge.Row<?>> infos = new ArrayList<>();
    List<MultiGauge.Row<?>> counts = new ArrayList<>();
    for (TableStatus table : tables.get()) {
      TableVersion version = table.getInfo().getVersion();
      Tags name = Tags.of("table", version.getTable(), "version", version.getVersion());
      String state = table.getState().name().substring(STATE_PREFIX.length());
      infos.add(
          MultiGauge.Row.of(
              name.and(
                  "model", version.getModelFingerprint(), "state", state.toLowerCase(Locale.ROOT)),
              1));
      counts.add(MultiGauge.Row.of(name, table.getInfo().getRowCount()));
    }
    info.register(infos, true);
    rows.register(counts, true);
  }
}
