package io.scone.cli;

import io.scone.corpus.TokenCorpus;
import io.scone.inference.Evaluation;
import io.scone.inference.Evaluator;
import io.scone.inference.Stretch;
import io.scone.inference.TokenReader;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tokenized corpus as it is evaluated: in one stretch, or in one for each document. */
final class EvaluatedCorpus {
  private final String name;
  private final TokenCorpus corpus;
  private final TokenReader tokens;
  private final List<Stretch> stretches;

  private EvaluatedCorpus(
      String name, TokenCorpus corpus, TokenReader tokens, List<Stretch> stretches) {
    this.name = name;
    this.corpus = corpus;
    this.tokens = tokens;
    this.stretches = stretches;
  }

  /**
   * Opens a corpus.
   *
   * @param apart whether its documents are stretches of their own, each after an end-of-text token,
   *     so that its first token is predicted too; the one after it is not
   */
  static EvaluatedCorpus open(String name, Path file, boolean apart) throws IOException {
    TokenCorpus corpus = TokenCorpus.open(file).verify();
    if (!apart) {
      List<Stretch> whole = List.of(new Stretch(0, corpus.tokenCount()));
      return new EvaluatedCorpus(name, corpus, corpus::read, whole);
    }
    // Tokens are counted from the end-of-text token that is put before the first document.
    List<Stretch> documents = new ArrayList<>();
    long start = 0;
    for (long end : corpus.documentEnds()) {
      documents.add(new Stretch(start, end + 1 - start));
      start = end + 1;
    }
    TokenReader tokens =
        (from, into, offset, count) -> {
          int before = from == 0 ? 1 : 0;
          if (before > 0) {
            into[offset] = corpus.endOfText();
          }
          corpus.read(from + before - 1, into, offset + before, count - before);
        };
    return new EvaluatedCorpus(name, corpus, tokens, documents);
  }

  /** Returns what the corpus is called in results. */
  String name() {
    return name;
  }

  /** Evaluates the corpus. */
  Evaluation evaluate(Evaluator evaluator, int stride, Progress progress) throws IOException {
    return evaluator.evaluate(
        tokens, stretches, corpus.words(), corpus.utf8Bytes(), stride, progress);
  }
}
