package io.scone.cli;

import picocli.CommandLine.Option;

/** By what the text of a corpus becomes tokens; a mixin of commands that also take tokens. */
final class TokenizerOptions {
  @Option(
      names = "--tokenizer",
      paramLabel = "gpt2|FILE",
      description = "gpt2, or a tokenizer.json. Not needed for a .tokens file.")
  private String tokenizer;

  /** Returns the name or the path of a tokenizer, or null if none was given. */
  String name() {
    return tokenizer;
  }
}
