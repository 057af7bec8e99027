package io.scone.cli;

import static io.scone.cli.SconeRun.done;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text of a few words, and what commands make of it, for tests that train. */
final class TinyCorpus {
  private TinyCorpus() {}

  /** Writes {@code text.txt} and {@code tokenizer.json}. */
  static void write(Path directory) throws IOException {
    Path text = directory.resolve("text.txt");
    Files.writeString(text, "the cat sat on the mat and the dog sat on it. ".repeat(60));
    Path tokenizer = directory.resolve("tokenizer.json");
    done("tokenizer train --vocabulary 270 --corpus " + text + " --out " + tokenizer);
  }

  /** Writes {@code text.tokens} and {@code fgrams.bin} besides. */
  static void writeMined(Path directory) throws IOException {
    write(directory);
    Path tokens = directory.resolve("text.tokens");
    done(
        "tokenizer encode --corpus "
            + directory.resolve("text.txt")
            + " --tokenizer "
            + directory.resolve("tokenizer.json")
            + " --out "
            + tokens);
    done("mine --corpus " + tokens + " --out " + directory.resolve("fgrams.bin"));
  }
}
