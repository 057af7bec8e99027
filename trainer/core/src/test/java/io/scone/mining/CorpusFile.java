package io.scone.mining;

import io.scone.corpus.TokenCorpus;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.corpus.VocabularyOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A corpus of given documents. */
final class CorpusFile {
  private CorpusFile() {}

  /** Writes a corpus; the last token of the vocabulary is the end-of-text token. */
  static TokenCorpus write(Path file, List<int[]> documents, int vocabulary) throws IOException {
    try (TokenCorpusWriter writer =
        TokenCorpusWriter.create(file, new VocabularyOnly(vocabulary))) {
      for (int[] document : documents) {
        writer.add(document, document.length, document.length);
      }
      writer.publish();
    }
    return TokenCorpus.open(file);
  }
}
