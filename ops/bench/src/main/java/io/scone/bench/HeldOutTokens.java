package io.scone.bench;

import io.scone.corpus.TokenCorpus;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Parts a tokenized corpus into documents to mine and documents to ask for: every fiftieth is asked
 * for, or half of the only one.
 */
final class HeldOutTokens {
  private static final int SHARE = 50;
  private static final int CHUNK = 1 << 16;

  private HeldOutTokens() {}

  /** Writes both parts, each whole or not at all. */
  static void split(TokenCorpus corpus, Tokenizer tokenizer, Path mined, Path asked)
      throws IOException {
    int share = (int) Math.min(SHARE, corpus.documentCount());
    try (TokenCorpusWriter minedOut = TokenCorpusWriter.create(mined, tokenizer);
        TokenCorpusWriter askedOut = TokenCorpusWriter.create(asked, tokenizer)) {
      int[] chunk = new int[CHUNK];
      int[] document = new int[CHUNK];
      int length = 0;
      long number = 0;
      for (long at = 0; at < corpus.tokenCount(); at += CHUNK) {
        int count = (int) Math.min(CHUNK, corpus.tokenCount() - at);
        corpus.read(at, chunk, 0, count);
        for (int i = 0; i < count; i++) {
          if (chunk[i] != corpus.endOfText()) {
            if (length == document.length) {
              document = Arrays.copyOf(document, 2 * length);
            }
            document[length++] = chunk[i];
            continue;
          }
          int[] tokens = Arrays.copyOf(document, length);
          length = 0;
          if (share == 1) {
            add(minedOut, Arrays.copyOf(tokens, tokens.length / 2));
            add(askedOut, Arrays.copyOfRange(tokens, tokens.length / 2, tokens.length));
          } else {
            add(++number % share == 0 ? askedOut : minedOut, tokens);
          }
        }
      }
      minedOut.publish();
      askedOut.publish();
    }
  }

  /** Adds a document; how long its text was is of no use to a benchmark. */
  private static void add(TokenCorpusWriter out, int[] tokens) throws IOException {
    out.add(tokens, 0, 0);
  }
}
