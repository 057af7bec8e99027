package io.scone.client;

import static io.scone.client.SameMatches.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class StepMatcherTest {
  private static final int CONTEXT = FgramService.MAX_NGRAM - 1;

  private FgramService service;
  private SconeClient plain;

  @BeforeEach
  void start() throws IOException {
    service = new FgramService(3);
    plain = SconeClient.connect(service.address());
  }

  @AfterEach
  void stop() {
    plain.close();
    service.close();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1000000", "3, 0", "20, 0", "3, 5000", "20, 1000000"})
  void stepsEqualPlainMatchesWhateverIsKnownAndWhicheverVersionIsServed(
      int continuations, long cacheBytes) {
    service.filtering = true;
    service.unmadeFilters.set(1);
    Random random = new Random(continuations);
    try (SconeClient client = SconeClient.builder(service.address()).rowCache(cacheBytes).build()) {
      StepMatcher matcher = client.stepMatcher(continuations);
      List<int[]> sequences = new ArrayList<>();
      int[] found = new int[4]; // prefetched, cached, awaited, matches
      for (int step = 0; step < 150; step++) {
        if (step == 70) {
          service.load(8, "another version");
          // The cache hears of it: what may follow, only the server knows.
          client.match(new TokenWindows().add(new int[] {1}, 0, 1, 1, 5));
          sequences.clear(); // for those, rows of the other version were fetched ahead
        }
        comeAndGo(sequences, random, matcher);
        TokenWindows windows = new TokenWindows();
        for (int i = 0; i < sequences.size(); i++) {
          sequences.set(i, grown(sequences.get(i), random));
          addLast(windows, sequences.get(i));
        }
        StepMatches matches = matcher.step(windows, true);
        matcher.fetchAhead();
        assertSame(plain.match(windows), matches.matches());
        assertEquals(sequences.size(), matches.prefetched() + matches.cached() + matches.awaited());
        assertTrue(matches.awaited() == 0 || !matches.waited().isZero());
        found[0] += matches.prefetched();
        found[1] += matches.cached();
        found[2] += matches.awaited();
        found[3] += matches.matches().count();
      }
      assertEquals(continuations > 0, found[0] > 100, Arrays.toString(found));
      assertTrue(cacheBytes > 0 || found[1] == 0, Arrays.toString(found));
      assertTrue(cacheBytes < 1_000_000 || found[1] > 0, Arrays.toString(found));
      assertTrue(found[2] > 0 && found[3] > 100, Arrays.toString(found));
    }
  }

  @Test
  void aStepWaitsForOneCallForAllSequencesAndForksAreAskedForOnce() {
    StepMatcher matcher = plain.stepMatcher(0);
    int[] fgram = service.fgrams().get(500);
    TokenWindows windows = new TokenWindows();
    windows.add(fgram, fgram.length - 2, 2, 1).add(fgram, fgram.length - 2, 2, 1);
    windows.add(new int[] {5}, 0);
    int before = service.requests.get();
    StepMatches first = matcher.step(windows, true);
    assertEquals(before + 1, service.requests.get());
    assertEquals(3, first.awaited());
    assertEquals(2, first.matches().count());
  }

  @Test
  void nothingIsFetchedAheadForManySequences() {
    StepMatcher matcher = plain.stepMatcher(FgramService.MAX_CONTINUATIONS);
    TokenWindows windows = new TokenWindows();
    for (int token = 0; token < 9; token++) {
      windows.add(new int[] {token, token}, 1);
    }
    matcher.step(windows, true);
    matcher.fetchAhead();
    int before = service.requests.get();
    TokenWindows next = new TokenWindows().add(new int[] {0, 0, 7}, 2);
    assertEquals(1, matcher.step(next, true).awaited());
    assertTrue(service.requests.get() > before);
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1000000, 1"})
  void whatFollowsAPromptIsFetchedWithItBesideTheRowsThatTheCacheLacks(
      long cacheBytes, int requests) {
    int[] text = {1, 2, 3, 4, 5, 6};
    int[] prompt = Arrays.copyOf(text, 5);
    try (SconeClient client = SconeClient.builder(service.address()).rowCache(cacheBytes).build()) {
      StepMatcher matcher = client.stepMatcher(FgramService.MAX_CONTINUATIONS);
      Matches rows = client.match(TokenWindows.of(prompt));
      int before = service.requests.get();
      assertSame(rows, matcher.prompt(prompt, 0, true).join());
      StepMatches step = matcher.step(new TokenWindows().add(text, 2, 4, 3), true);
      assertEquals(1, step.prefetched());
      assertEquals(before + requests, service.requests.get());
    }
  }

  @ParameterizedTest
  @CsvSource({"0, true", "20, false"})
  void aPromptThatTheCacheKnowsCostsNoRequestWhereNothingIsToFollow(
      int continuations, boolean last) {
    int[] prompt = service.fgrams().get(500);
    try (SconeClient client = SconeClient.builder(service.address()).rowCache(1 << 20).build()) {
      StepMatcher matcher = client.stepMatcher(continuations);
      Matches rows = client.match(TokenWindows.of(prompt));
      int before = service.requests.get();
      assertSame(rows, matcher.prompt(prompt, 0, last).join());
      assertEquals(before, service.requests.get());
    }
  }

  @Test
  void aServerThatFailsCostsOnlyTheSequencesThatNeedIt() {
    try (SconeClient client =
        SconeClient.builder(service.address())
            .failFast()
            .deadline(Duration.ofSeconds(5))
            .rowCache(1 << 20)
            .build()) {
      StepMatcher matcher = client.stepMatcher(2);
      int[] known = {1, 2, 3};
      TokenWindows both = new TokenWindows().add(known, 0, 3, 2);
      client.match(both);
      matcher.step(both, true);
      service.close();
      int[] fgram = service.fgrams().get(600);
      both.add(fgram, fgram.length - 2, 2, 1);
      StepMatches failed = matcher.step(both, true);
      assertEquals(1, failed.matches().unknownCount());
      assertEquals(1, failed.matches().unknownPosition(0));
      assertEquals(Status.Code.UNAVAILABLE, failed.failure().orElseThrow().code());
      assertFalse(matcher.isServerAnswering());

      StepMatches impatient = matcher.step(both, false);
      assertEquals(1, impatient.matches().unknownCount());
      assertTrue(impatient.waited().isZero());
      assertTrue(impatient.failure().isEmpty());
    }
  }

  @Test
  void fewerContinuationsThanNoneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> plain.stepMatcher(-1));
  }

  /** Adds sequences, forks some and drops some. */
  private void comeAndGo(List<int[]> sequences, Random random, StepMatcher matcher) {
    if (sequences.isEmpty() || random.nextInt(9) == 0) {
      int[] prompt = random.ints(1 + random.nextInt(9), 0, FgramService.VOCABULARY).toArray();
      if (random.nextBoolean()) {
        matcher.prompt(prompt, 0, random.nextBoolean()).join();
      }
      sequences.add(prompt);
    }
    if (random.nextInt(20) == 0) {
      sequences.add(sequences.get(random.nextInt(sequences.size())));
    }
    if (sequences.size() > 4) {
      sequences.remove(random.nextInt(sequences.size()));
    }
  }

  /** Returns a sequence with one token more, often one that goes on with an f-gram. */
  private int[] grown(int[] sequence, Random random) {
    int[] grown = Arrays.copyOf(sequence, sequence.length + 1);
    int last = sequence[sequence.length - 1];
    int[] likely =
        service.fgrams().stream()
            .filter(fgram -> fgram[fgram.length - 2] == last)
            .mapToInt(fgram -> fgram[fgram.length - 1])
            .toArray();
    grown[sequence.length] =
        likely.length == 0 || random.nextInt(3) == 0
            ? random.nextInt(FgramService.VOCABULARY)
            : likely[random.nextInt(likely.length)];
    return grown;
  }

  private static void addLast(TokenWindows windows, int[] sequence) {
    int length = Math.min(CONTEXT + 1, sequence.length);
    windows.add(sequence, sequence.length - length, length, length - 1);
  }
}
