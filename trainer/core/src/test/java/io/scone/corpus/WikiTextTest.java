package io.scone.corpus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WikiTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "The well @-@ known 1 @,@ 000 @.@ 5 m|The well-known 1,000.5 m",
        "One , two ; three : four ! five ? six . Seven|One, two; three: four! five? six. Seven",
        "He ( the first ) of [ them ] , { all } of|He (the first) of [them], {all} of",
        "said \" no more \" and ' yes ' to|said \"no more\" and 'yes' to",
        "the fans ' view at 5 ° 3|the fans' view at 5°3",
        "John 's dog|John's dog",
        "a <unk> of|a <unk> of",
      })
  void wordsArePutTogetherAsTheyWereWritten(String stored, String written) {
    assertEquals(written, WikiText.detokenize(stored));
  }

  @Test
  void headingsAndLinesAreWhole() {
    assertEquals(
        "\n= Title =\n\nText.\n== Part ==\n",
        WikiText.detokenize(" \n = Title = \n \n Text .\n = = Part = = \n").replace(" .", "."));
  }

  @Test
  void wordsAreThoseBetweenSpacesAndTheEndsOfLines() {
    assertEquals(1 + 4 + 1 + 7, WikiText.words(" \n = Title = \n \n A well @-@ known word . \n"));
  }

  @Test
  void aDataSetIsTokenizedAsWrittenAndCountedAsStored(@TempDir Path directory) throws IOException {
    Tokenizer tokenizer = Tokenizers.gpt2();
    Path source = Files.writeString(directory.resolve("wiki.txt"), " = A @-@ B = \n 1 @.@ 5 \n");
    Path file = directory.resolve("wiki.tokens");
    WikiText.tokenize(Documents.of(List.of(source)), tokenizer, file, Progress.NONE);
    TokenCorpus corpus = TokenCorpus.open(file);
    int[] tokens = new int[(int) corpus.tokenCount() - 1];
    corpus.read(0, tokens, 0, tokens.length);
    String written = " = A-B =\n1.5\n";
    assertArrayEquals(tokenizer.encode(written), tokens);
    assertEquals(5 + 1 + 3 + 1, corpus.words());
    assertEquals(written.length(), corpus.utf8Bytes());
  }
}
