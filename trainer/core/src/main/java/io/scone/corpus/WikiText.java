package io.scone.corpus;

import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The text of the WikiText data sets, which are stored as words with spaces between, punctuation
 * apart.
 *
 * <p>Models of other tokens are evaluated on the text as it was written, spacing undone, and their
 * loss is divided by the number of words as WikiText's own models count them: all that stands
 * between spaces, and the end of each line. The rules are the customary ones, down to what they get
 * wrong (a possessive apostrophe may be taken for a quotation mark), so that results compare.
 */
public final class WikiText {
  /** A pattern and what stands for its matches. */
  private static final class Rule {
    final Pattern pattern;
    final String replacement;

    Rule(String pattern, String replacement) {
      this.pattern = Pattern.compile(pattern);
      this.replacement = replacement;
    }
  }

  private static final Pattern WORD = Pattern.compile("\\S+");

  private static final List<Rule> RULES =
      List.of(
          new Rule("s '", "s'"),
          new Rule(" @([-,.])@ ", "$1"), // within numbers and compounds
          new Rule(" ([:;.!?,]) ", "$1 "),
          new Rule("\\(\\s*([^)]*?)\\s*\\)", "($1)"),
          new Rule("\\[\\s*([^\\]]*?)\\s*\\]", "[$1]"),
          new Rule("\\{\\s*([^}]*?)\\s*\\}", "{$1}"),
          new Rule("\"\\s*([^\"]*?)\\s*\"", "\"$1\""),
          new Rule("'\\s*([^']*?)\\s*'", "'$1'"),
          new Rule("= = = =", "===="), // headings
          new Rule("= = =", "==="),
          new Rule("= =", "=="),
          new Rule(" \u00b0 ", "\u00b0"),
          new Rule(" ?\n ?", "\n"),
          new Rule(" N ", " 1 "),
          new Rule(" 's", "'s"));

  private WikiText() {}

  /**
   * Writes WikiText documents as a {@code .tokens} file: of their text as it was written, with the
   * words that WikiText counts.
   *
   * @param progress follows the bytes read of the stored files
   * @throws CorpusException if a document cannot be read or there is none; no file is left
   */
  public static void tokenize(
      Documents documents, Tokenizer tokenizer, Path output, Progress progress) throws IOException {
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(output, tokenizer);
        DocumentReader reader = documents.read()) {
      progress.begin("tokenizing", documents.bytes(), "bytes");
      long reported = 0;
      for (String text = reader.next(); text != null; text = reader.next()) {
        String written = detokenize(text);
        writer.add(
            tokenizer.encode(written),
            words(text),
            written.getBytes(StandardCharsets.UTF_8).length);
        progress.advance(reader.bytesRead() - reported);
        reported = reader.bytesRead();
      }
      progress.end();
      writer.publish();
    }
  }

  /** Returns a text as it was written before WikiText parted its words. */
  static String detokenize(String text) {
    String written = text;
    for (Rule rule : RULES) {
      written = rule.pattern.matcher(written).replaceAll(rule.replacement);
    }
    return written;
  }

  /** Returns the words of a stored text, the end of each line counted as one. */
  static long words(String text) {
    return text.lines().mapToLong(line -> WORD.matcher(line).results().count() + 1).sum();
  }
}
