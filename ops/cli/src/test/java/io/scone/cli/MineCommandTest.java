package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static io.scone.cli.SconeRun.exitCode;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.corpus.TokenCorpus;
import io.scone.mining.FgramFile;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MineCommandTest {
  @TempDir Path directory;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text =
        Files.writeString(
            directory.resolve("text.txt"),
            "the cat sat on the mat and the dog sat on it. ".repeat(50));
  }

  @Test
  void fromTextToFgrams() throws IOException {
    Path tokenizer = directory.resolve("made/tokenizer.json");
    Path tokens = directory.resolve("kept/text.tokens");
    Path fgrams = directory.resolve("made/fgrams.bin");
    assertEquals(0, scone("tokenizer train --vocabulary 270 --out " + tokenizer));
    assertEquals(0, scone("tokenizer encode --tokenizer " + tokenizer + " --out " + tokens));
    assertEquals(0, scone("mine --tokenizer " + tokenizer + " --out " + fgrams));
    TokenCorpus corpus = TokenCorpus.open(tokens);
    FgramFile mined = FgramFile.open(fgrams);
    assertTrue(mined.size() > 10);
    assertEquals(5, mined.maxNgram());
    try (Tokenizer learnt = Tokenizers.load(tokenizer)) {
      assertEquals(270, learnt.vocabularySize());
      assertEquals(learnt.fingerprint(), corpus.tokenizerFingerprint());
      assertEquals(learnt.fingerprint(), mined.tokenizerFingerprint());
    }

    Path again = directory.resolve("again.bin");
    String fromTokens = "mine --corpus " + tokens + " --out " + again;
    done(fromTokens);
    assertEquals(-1, Files.mismatch(fgrams, again));
    assertEquals(2, exitCode(fromTokens + " --tokenizer gpt2"));
  }

  @Test
  void badUsageIsToldFromFailure() {
    String out = " --out " + directory.resolve("fgrams.bin");
    assertEquals(2, scone("mine" + out), "text without a tokenizer");
    assertEquals(2, scone("mine --tokenizer gpt2 --max-ngram 1" + out));
    assertEquals(2, scone("mine --tokenizer gpt2 --memory lots" + out));
    assertEquals(2, scone("mine --tokenizer gpt2 --min-documents 0" + out));
    assertEquals(2, scone("tokenizer train --vocabulary 100" + out));
    assertEquals(2, exitCode("tokenizer"));
    assertEquals(1, scone("mine --tokenizer missing.json" + out));
    assertFalse(Files.exists(directory.resolve("fgrams.bin")));
  }

  private int scone(String command) {
    return exitCode(command + " --corpus " + text);
  }
}
