package io.scone.server;

import io.scone.v1.TableState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The versions of one table: which are open, which is active and which were before.
 *
 * <p>For use by one thread at a time.
 */
final class TableVersions {
  private final String name;
  private final int backups;

  /** The versions that can be activated, the active one included, in the order they were loaded. */
  private final Map<String, ServedTable> open = new LinkedHashMap<>();

  /** Versions taken out of use whose files are not yet given back. */
  private final Set<ServedTable> draining = new LinkedHashSet<>();

  /** The versions that were active before this one, the last one first. */
  private final Deque<ServedTable> earlier = new ArrayDeque<>();

  private ServedTable active;

  /**
   * Makes a table without versions.
   *
   * @param backups how many replaced versions stay open
   */
  TableVersions(String name, int backups) {
    this.name = name;
    this.backups = backups;
  }

  String name() {
    return name;
  }

  /** Returns the version being served, or null. */
  ServedTable active() {
    return active;
  }

  boolean isEmpty() {
    return open.isEmpty() && draining.isEmpty();
  }

  /** Returns the open version of that fingerprint, or null. */
  ServedTable find(String version) {
    return open.get(version);
  }

  /** Returns every version, the active one first. */
  List<ServedTable> all() {
    List<ServedTable> all = new ArrayList<>(open.size() + draining.size());
    if (active != null) {
      all.add(active);
    }
    open.values().stream().filter(table -> table != active).forEach(all::add);
    all.addAll(draining);
    return all;
  }

  /** Returns the fingerprints of the open versions. */
  Collection<String> known() {
    return open.keySet();
  }

  TableState state(ServedTable table) {
    if (table == active) {
      return TableState.TABLE_STATE_ACTIVE;
    }
    return draining.contains(table)
        ? TableState.TABLE_STATE_DRAINING
        : TableState.TABLE_STATE_LOADED;
  }

  void add(ServedTable table) {
    open.put(table.version().getVersion(), table);
  }

  /**
   * Makes an open version the active one.
   *
   * @return the replaced versions that are more than the backups to keep; they are draining now
   */
  List<ServedTable> activate(ServedTable table) {
    if (table == active) {
      return List.of();
    }
    earlier.remove(table);
    if (active != null) {
      earlier.addFirst(active);
    }
    active = table;
    List<ServedTable> retired = new ArrayList<>();
    while (earlier.size() > backups) {
      ServedTable oldest = earlier.getLast();
      drain(oldest);
      retired.add(oldest);
    }
    return retired;
  }

  /** Returns the version that was active before the active one, or null if none is kept. */
  ServedTable previous() {
    return earlier.peekFirst();
  }

  /** Takes an open version that is not active out of use. */
  void drain(ServedTable table) {
    open.remove(table.version().getVersion());
    earlier.remove(table);
    draining.add(table);
  }

  /** Forgets a draining version whose files are given back. */
  void freed(ServedTable table) {
    draining.remove(table);
  }
}
