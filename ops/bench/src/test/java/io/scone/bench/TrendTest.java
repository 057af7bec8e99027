package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void theSlopeIsThatOfTheTimeAfterTheWarmUp() {
    List<ProcessMemory> memories =
        IntStream.range(0, 100).mapToObj(i -> sample(i, i < 20 ? 10 * i : 300 + 0.5 * i)).toList();
    Trend trend = Trend.of(memories, ProcessMemory::resident);
    assertEquals(30, trend.slopeMibPerMinute(), 1e-9);
    assertEquals(310, trend.minMib());
    assertEquals(349.5, trend.maxMib());
  }

  @Test
  void whatStaysHasNoSlope() {
    List<ProcessMemory> memories = IntStream.range(0, 10).mapToObj(i -> sample(i, 100)).toList();
    assertEquals(new Trend(100, 100, 0), Trend.of(memories, ProcessMemory::resident));
  }

  @Test
  void nothingIsFlat() {
    assertEquals(new Trend(0, 0, 0), Trend.of(List.of(), ProcessMemory::resident));
  }

  private static ProcessMemory sample(double seconds, double residentMib) {
    return new ProcessMemory(seconds, residentMib, 0);
  }
}
