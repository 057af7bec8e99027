package io.scone.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The words that a command was given, for other processes to run it with changed ones. */
final class CommandWords {
  private CommandWords() {}

  /**
   * Returns a command's name and the options on its command line, without some and without what is
   * no option.
   */
  static List<String> options(ParseResult parsed, Set<String> without) {
    List<String> words = new ArrayList<>();
    words.add(parsed.commandSpec().name());
    for (OptionSpec option : parsed.matchedOptions()) {
      String name = option.longestName();
      if (!without.contains(name)) {
        boolean isFlag = option.arity().max() == 0;
        option
            .originalStringValues()
            .forEach(value -> words.add(isFlag ? name : name + "=" + value));
      }
    }
    return words;
  }
}
