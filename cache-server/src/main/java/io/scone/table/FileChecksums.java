package io.scone.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The file `checksums` of a directory whose files are to stay what they are, such as a table: a
 * line for every file, of the file's CRC-32C in 8 hexadecimal digits, two spaces and its path.
 */
public final class FileChecksums {
  /*
   * They find damage, at the speed of the disk; that two tables are the same is said by the content
   * fingerprint. RocksDB's plain table format has no checksums of its own and trusts what it maps,
   * so no file may be given to it unchecked.
   */

  private static final String NAME = "checksums";
  private static final int DIGITS = 8;
  private static final String SEPARATOR = "  ";
  private static final Pattern LINE = Pattern.compile("[0-9a-f]{8}  [A-Za-z0-9_./-]+");
  private static final int BUFFER_BYTES = 1 << 20;

  private FileChecksums() {}

  /** Writes the checksums of all files that the directory holds by now. */
  public static void write(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(NAME));
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.filter(FileChecksums::holdsAnything).sorted().toList();
    }
    List<String> lines = new ArrayList<>();
    for (Path file : files) {
      lines.add(checksum(file) + SEPARATOR + directory.relativize(file));
    }
    Files.write(directory.resolve(NAME), lines);
  }

  /**
   * Reads every file, several at once, and compares it with its checksum.
   *
   * @return what is not as it was written, such as {@code it has no main.onnx}; empty if all is
   */
  public static Optional<String> damage(Path directory) throws IOException {
    try {
      List<String> lines = Files.readAllLines(directory.resolve(NAME), StandardCharsets.ISO_8859_1);
      return IntStream.range(0, lines.size())
          .parallel()
          .boxed()
          .flatMap(i -> damage(directory, i + 1, lines.get(i)).stream())
          .findFirst();
    } catch (NoSuchFileException e) {
      return Optional.of("it has no " + NAME);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Optional<String> damage(Path directory, int number, String line) {
    if (!LINE.matcher(line).matches()) {
      // What it holds may be anything, and is not for a terminal or a log.
      return Optional.of("line %d of %s is not a checksum and a file".formatted(number, NAME));
    }
    String name = line.substring(DIGITS + SEPARATOR.length());
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      return Optional.of("it has no " + name);
    }
    try {
      return checksum(file).equals(line.substring(0, DIGITS))
          ? Optional.empty()
          : Optional.of(name + " is not what was written");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holdsAnything(Path path) {
    return Files.isRegularFile(path) && path.toFile().length() > 0;
  }

  private static String checksum(Path file) throws IOException {
    CRC32C checksum = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        checksum.update(buffer.flip());
      }
    }
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
