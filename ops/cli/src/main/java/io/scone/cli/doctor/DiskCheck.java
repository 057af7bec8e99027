package io.scone.cli.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The file system where tables would go.
 *
 * @param directory one there
 * @param needed bytes that must be free
 */
record DiskCheck(Path directory, long needed) implements Check {
  private static final Set<String> NETWORK =
      Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "lustre", "glusterfs", "beegfs");
  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public Finding look() {
    if (!Files.isDirectory(directory)) {
      return Finding.problem(
          "there is no directory " + directory, "Make it, or name another with --dir.");
    }
    String kind;
    long free;
    try {
      FileStore store = Files.getFileStore(directory);
      kind = store.type();
      free = store.getUsableSpace();
    } catch (IOException e) {
      return Finding.problem(
          directory + " cannot be looked at: " + e.getMessage(), "Name another with --dir.");
    }
    String found =
        Bytes.format(free)
            + " free in "
            + directory.toAbsolutePath().normalize()
            + " ("
            + kind
            + ")";
    if (!Files.isWritable(directory)) {
      return Finding.problem(
          found + ", where this user may not write",
          "Give yourself the right to write there, or name another directory with --dir.");
    }
    if (free < needed) {
      return Finding.problem(
          found,
          "Make "
              + Bytes.format(needed)
              + " free, as --free asks, or name a directory on another disk with --dir.");
    }
    if (NETWORK.contains(kind) || kind.startsWith("fuse")) {
      return Finding.warning(
          found, "Keep tables on a local disk, best NVMe: rows are read at random, by mapping.");
    }
    if (MEMORY.contains(kind)) {
      return Finding.warning(
          found, "Keep tables on a disk: this file system takes memory and is lost at a restart.");
    }
    if (kind.equals("overlay")) {
      return Finding.warning(
          found, "Mount a volume for tables: what is written here is lost with the container.");
    }
    return Finding.ok(found);
  }
}
