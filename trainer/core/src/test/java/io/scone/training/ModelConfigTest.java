package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(new ModelConfig.Main(512, 64, 32, 2, 4), new ModelConfig.Fgram(5, 1, 2));

  @TempDir Path directory;

  @Test
  void comesBackAsItWasWrittenWithAndWithoutFgrams() throws IOException {
    CONFIG.write(directory);
    assertEquals(CONFIG, ModelConfig.read(directory));
    CONFIG.baseline().write(directory);
    assertEquals(CONFIG.baseline(), ModelConfig.read(directory));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"heads\" : 4 ; \"heads\" : 5     ; do not divide",
        "\"heads\" : 2 ; \"heads\" : 0     ; do not divide",
        "\"dim\" : 32 ; \"dim\" : 32, \"width\" : 1 ; unknown key 'width'",
        "\"dim\"      ; \"width\"         ; 'main.dim' is missing",
        "512          ; null              ; 'main.vocabulary_size' is missing",
        "\"main\"     ; \"mane\"          ; 'main' is missing",
        "\"max_ngram\" : 5 ; \"max_ngram\" : 1 ; max_ngram",
      })
  void aBadFileIsRefusedWithTheReason(String old, String replacement, String reason)
      throws IOException {
    CONFIG.write(directory);
    Path file = directory.resolve("model.json");
    Files.writeString(file, Files.readString(file).replace(old, replacement));
    String message =
        assertThrows(IOException.class, () -> ModelConfig.read(directory)).getMessage();
    assertTrue(message.contains("model.json is malformed") && message.contains(reason), message);
  }

  @Test
  void anFgramModelHasTheMainModelsWidthUnlessItIsGivenItsOwn() {
    assertEquals(32, CONFIG.fgram().dim());
    assertFalse(CONFIG.isProjected());
    assertFalse(CONFIG.baseline().isProjected());
    ModelConfig.Fgram narrow = new ModelConfig.Fgram(5, 9, 1, 3, ModelConfig.Combine.ADD);
    assertTrue(new ModelConfig(CONFIG.main(), narrow).isProjected());
  }

  @Test
  void aDirectoryWithoutItIsNoCheckpoint() {
    assertTrue(
        assertThrows(IOException.class, () -> ModelConfig.read(directory))
            .getMessage()
            .contains("is not a checkpoint"));
  }
}
