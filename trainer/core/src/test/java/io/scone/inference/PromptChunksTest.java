package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts in chunks, with the rows of a real f-gram model. */
class PromptChunksTest {
  private static final int[] PROMPT = new Random(1).ints(60, 0, 8).toArray();

  @TempDir static Path directory;
  private static RowSource rows;

  @BeforeAll
  static void open() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 32, 1, 4),
            new ModelConfig.Fgram(4, 1, 4));
    Bundle bundle = RandomBundle.create(directory, config, new int[][] {PROMPT}, 1);
    rows =
        new ComputedRows(
            FgramFile.open(bundle.fgrams()).index(),
            FgramModel.open(bundle, 1),
            new RowCodec(Dtype.F32, 32));
  }

  @AfterAll
  static void close() {
    rows.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 59, 60, Integer.MAX_VALUE})
  void chunksHoldThePromptAndTheRowsOfItWhole(int size) {
    for (int from : new int[] {0, 1, 7, 59}) {
      FgramRows whole = rows.find(List.of(new TokenWindow(PROMPT, from)));
      assertTrue(from == 59 || whole.matches() > 0);
      PromptChunks chunks = new PromptChunks(rows, PROMPT, from, size);
      IntStream.Builder read = IntStream.builder();
      int match = 0;
      int before = 0;
      while (chunks.hasNext()) {
        PromptChunks.Chunk chunk = chunks.next();
        assertTrue(chunk.tokens().length <= size);
        Arrays.stream(chunk.tokens()).forEach(read);
        for (int i = 0; i < chunk.rows().matches(); i++, match++) {
          assertEquals(whole.position(match), before + chunk.rows().position(i));
          assertEquals(whole.length(match), chunk.rows().length(i));
          assertArrayEquals(whole.row(match), chunk.rows().row(i));
        }
        before += chunk.tokens().length;
      }
      assertEquals(whole.matches(), match);
      assertArrayEquals(Arrays.copyOfRange(PROMPT, from, 60), read.build().toArray());
      assertFalse(chunks.hasNext());
    }
  }

  @Test
  void aPromptThatWasReadAndEmptyChunksAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PromptChunks(rows, PROMPT, 60, 8));
    assertThrows(IllegalArgumentException.class, () -> new PromptChunks(rows, PROMPT, 0, 0));
  }
}
