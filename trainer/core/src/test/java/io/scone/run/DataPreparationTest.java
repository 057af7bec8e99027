package io.scone.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.scone.corpus.TokenCorpusWriter;
import io.scone.corpus.VocabularyOnly;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPreparationTest {
  @TempDir Path directory;
  private Path corpus;

  /** The n-grams of 1 2 3 occur in three documents, those of 5 6 in one. */
  @BeforeEach
  void writeCorpus() throws IOException {
    corpus = directory.resolve("corpus.tokens");
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(corpus, new VocabularyOnly(8))) {
      for (int[] document : new int[][] {{1, 2, 3}, {4, 1, 2, 3}, {1, 2, 3, 5, 6, 5, 6, 5, 6}}) {
        writer.add(document, document.length, document.length);
      }
      writer.publish();
    }
  }

  @Test
  void whatWasMinedForTheSameSettingsIsReused() throws IOException {
    Path mined = fgrams("data.min_documents=1");
    FileTime made = FileTime.fromMillis(1);
    Files.setLastModifiedTime(mined, made);
    assertEquals(mined, fgrams("data.epochs=2"));
    assertEquals(made, Files.getLastModifiedTime(mined));
  }

  @Test
  void theLeastNumberOfDocumentsDecidesWhatIsReused() throws IOException {
    Path inAny = fgrams("data.min_documents=1");
    Path inThree = fgrams("data.min_documents=3");
    assertNotEquals(inAny, inThree);
    assertNotEquals(inAny, fgrams("data.min_count=2"));
    assertEquals(4, FgramFile.open(inAny).size()); // 1 2, 2 3, 1 2 3 and 5 6
    assertEquals(3, FgramFile.open(inThree).size()); // 1 2, 2 3 and 1 2 3
  }

  @Test
  void aDirectoryOfTokensIsACorpus() throws IOException {
    Path shards = Files.createDirectory(directory.resolve("shards"));
    Files.copy(corpus, shards.resolve("0.tokens"));
    Files.copy(corpus, shards.resolve("1.tokens"));
    corpus = shards;
    // Of twice the text also 6 5, 5 6 5 and 6 5 6 occur three times.
    assertEquals(7, FgramFile.open(fgrams("data.min_documents=1")).size());
  }

  private Path fgrams(String override) throws IOException {
    DataConfig config =
        RunSettings.defaults()
            .override("data.corpus=" + corpus)
            .override("data.max_n=3")
            .override("data.min_count=3")
            .override(override)
            .data();
    return new DataPreparation(config, directory.resolve("data"), 1, Progress.NONE)
        .prepare(false)
        .fgrams();
  }
}
