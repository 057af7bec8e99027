package io.scone.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class CombinationTest {
  @Test
  void theRunsAreTheProductOfTheValuesNamedByWhatDiffers() {
    assertEquals(
        List.of(
            new Combination(
                "data.max_n=3,fgram.layers=6",
                List.of("small-100k", "data.max_n=3", "training.seed=1", "fgram.layers=6")),
            new Combination(
                "data.max_n=3,fgram.layers=12",
                List.of("small-100k", "data.max_n=3", "training.seed=1", "fgram.layers=12")),
            new Combination(
                "data.max_n=4,fgram.layers=6",
                List.of("small-100k", "data.max_n=4", "training.seed=1", "fgram.layers=6")),
            new Combination(
                "data.max_n=4,fgram.layers=12",
                List.of("small-100k", "data.max_n=4", "training.seed=1", "fgram.layers=12"))),
        Combination.of(
            List.of("small-100k", "data.max_n=3,4", "training.seed=1", "fgram.layers=6,12")));
  }

  @Test
  void aListIsOneValueAndAPresetMayHaveSeveral() {
    assertEquals(
        List.of("small-100k", "large-1m"),
        Combination.of(List.of("small-100k,large-1m", "data.corpus=a,b")).stream()
            .map(Combination::name)
            .toList());
  }

  @Test
  void aNameIsThatOfAFile() {
    assertEquals(
        List.of("data.fgrams=-data-a.bin", "data.fgrams=b.bin"),
        Combination.of(List.of("data.fgrams=/data/a.bin,b.bin")).stream()
            .map(Combination::name)
            .toList());
  }

  @Test
  void whatIsNoProductIsRefused() {
    assertEquals(
        "no setting has several values: part them by commas, as in data.max_n=3,4",
        message("small-100k", "data.max_n=3", "data.corpus=a,b"));
    assertEquals("two runs would be named data.max_n=3", message("data.max_n=3,3"));
    assertEquals(
        "there is no setting 'data.max'; did you mean data.max_n?", message("data.max=3,4"));
  }

  private static String message(String... words) {
    return assertThrows(IllegalArgumentException.class, () -> Combination.of(List.of(words)))
        .getMessage();
  }
}
