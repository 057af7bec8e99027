package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void theMedianIsTheMiddleOrTheMeanOfTheTwoThere() {
    assertEquals(new Summary(3, 1, 9), Summary.of(List.of(9.0, 1.0, 3.0)));
    assertEquals(new Summary(2.5, 1, 9), Summary.of(List.of(9.0, 1.0, 3.0, 2.0)));
    assertEquals(new Summary(4, 4, 4), Summary.of(List.of(4.0)));
  }
}
