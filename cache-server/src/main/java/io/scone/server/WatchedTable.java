package io.scone.server;

import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One table of a watched directory: a directory that holds a directory for each version, and maybe
 * {@code CURRENT}, a file with the name of the version to serve or a link to it.
 *
 * <p>Without {@code CURRENT} the version whose name comes last in natural order is to be served, or
 * the one before it if that cannot be opened. A version is activated once, when it becomes the one
 * to serve, and never an older one in its place: whatever an operator activates or rolls back stays
 * so until there is a newer version or {@code CURRENT} changes.
 *
 * <p>For use by one thread.
 */
final class WatchedTable {
  static final NaturalOrder ORDER = new NaturalOrder();

  private static final Logger LOG = LoggerFactory.getLogger(WatchedTable.class);
  private static final String CURRENT = "CURRENT";

  private final String name;
  private final Path directory;
  private final Set<Version> refused = new HashSet<>();
  private Version activated;

  WatchedTable(String name, Path directory) {
    this.name = name;
    this.directory = directory;
  }

  /** Says whether a path holds a complete table: its manifest appears with all of it. */
  static boolean isComplete(Path version) {
    return Files.isRegularFile(version.resolve(TableManifest.FILE));
  }

  /** Activates the version to serve, if it has changed. What cannot be opened is logged once. */
  void update(TableCatalog catalog) throws IOException {
    boolean pinned = Files.exists(directory.resolve(CURRENT), LinkOption.NOFOLLOW_LINKS);
    List<Version> candidates = pinned ? current() : newestFirst();
    refused.retainAll(candidates);
    for (Version version : candidates) {
      if (version.equals(activated) || (!pinned && isOlder(version))) {
        return;
      }
      if (!refused.contains(version) && activate(version, catalog)) {
        return;
      }
    }
  }

  private boolean isOlder(Version version) {
    return activated != null && ORDER.compare(version.name(), activated.name()) < 0;
  }

  private boolean activate(Version version, TableCatalog catalog) {
    try {
      catalog.serve(name, version.directory());
      activated = version;
      return true;
    } catch (IOException e) {
      refused.add(version);
      LOG.warn("a watched version of table '{}' is not served: {}", name, e.getMessage());
      return false;
    }
  }

  /** Returns the version that {@code CURRENT} names; none while it is being written. */
  private List<Version> current() throws IOException {
    Path current = directory.resolve(CURRENT);
    if (Files.isSymbolicLink(current)) {
      return List.of(Version.in(directory.resolve(Files.readSymbolicLink(current)).normalize()));
    }
    String version = Files.readString(current).strip();
    return version.isEmpty() ? List.of() : List.of(Version.in(directory.resolve(version)));
  }

  private List<Version> newestFirst() throws IOException {
    List<Version> versions = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (!entry.getFileName().toString().startsWith(".") && isComplete(entry)) {
          versions.add(Version.in(entry));
        }
      }
    }
    versions.sort((left, right) -> ORDER.compare(right.name(), left.name()));
    return versions;
  }

  /**
   * A version's directory as it was seen; one that takes its name later is another.
   *
   * @param manifest what tells its manifest from another file of that name; null if there is none
   * @param modified when the manifest was last written; null if there is none
   */
  private record Version(Path directory, Object manifest, FileTime modified) {
    static Version in(Path directory) throws IOException {
      if (!isComplete(directory)) {
        return new Version(directory, null, null);
      }
      BasicFileAttributes manifest =
          Files.readAttributes(directory.resolve(TableManifest.FILE), BasicFileAttributes.class);
      return new Version(directory, manifest.fileKey(), manifest.lastModifiedTime());
    }

    String name() {
      return directory.getFileName().toString();
    }
  }
}
