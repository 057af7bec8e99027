package io.scone.corpus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The documents of text files, in a fixed order.
 *
 * <p>A file whose name ends in {@code .jsonl} holds one JSON object a line, whose field {@code
 * text} is a document; one in {@code .parquet} has a document in the column {@code text} of each
 * row; any other file is one document as a whole. All but Parquet may be compressed: {@code .gz} or
 * {@code .zst} is added to the name. All text is UTF-8. A directory stands for the {@code .txt},
 * {@code .jsonl} and {@code .parquet} files at any depth below it, sorted by path. Documents
 * without any text are left out.
 */
public final class Documents {
  private final List<Path> files;
  private final long bytes;

  private Documents(List<Path> files, long bytes) {
    this.files = files;
    this.bytes = bytes;
  }

  /**
   * Returns the documents of files and directories, in the order given.
   *
   * @throws CorpusException if a path does not exist or a directory holds no text file
   */
  public static Documents of(List<Path> paths) throws IOException {
    List<Path> files = new ArrayList<>();
    long bytes = 0;
    for (Path path : paths) {
      files.addAll(filesOf(path));
    }
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return new Documents(List.copyOf(files), bytes);
  }

  /** Returns the files that are read. */
  public List<Path> files() {
    return files;
  }

  /** Returns the size of all files as they are stored, the total for a display of progress. */
  public long bytes() {
    return bytes;
  }

  /** Begins to read the documents from the first on. */
  public DocumentReader read() {
    return new DocumentReader(files);
  }

  private static List<Path> filesOf(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new CorpusException("there is no file or directory '" + path + "'");
    }
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> tree = Files.walk(path)) {
      List<Path> files =
          tree.filter(Files::isRegularFile).filter(TextFormat::isText).sorted().toList();
      if (files.isEmpty()) {
        throw new CorpusException(
            "the directory '"
                + path
                + "' holds no text: no .txt or .jsonl file, plain or with .gz or .zst added, and no"
                + " .parquet file");
      }
      return files;
    }
  }
}
