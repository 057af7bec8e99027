package io.scone.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerTest {
  private static final String[] FRAGMENTS = {
    "Hello",
    " world",
    "the ",
    "can't",
    " we'll",
    "  ",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\n\n \n",
    "\0",
    "12345",
    " 3.14",
    "éàü",
    "e\u0301",
    "न\u093fे",
    "مرحبا بالعالم",
    "שלום",
    "日本語",
    "한국어",
    "😀",
    "👩‍👩‍👧‍👦",
    "🇦🇶",
    "\uD834\uDD1E",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u0085",
    "\u200b",
    "\ufeff",
    "\uffff",
    "Ǆ",
    "½",
    "١٢٣",
    "…",
    "---",
    "<|",
    "|>",
    "<|endoftext|>",
    "endoftext",
    "'",
    "'S",
    "_",
    "\\",
    "\"",
    "{\"a\": [1, 2]}",
    "\u0001",
    "\u007f",
    "   x",
    "x   ",
  };

  @TempDir static Path directory;
  private static Tokenizer gpt2;
  private static Tokenizer loaded;
  private static Tokenizer byLibrary;

  @BeforeAll
  static void loadAll() throws Exception {
    gpt2 = Tokenizers.of("gpt2");
    loaded = Tokenizers.of(write("gpt2.json", gpt2.json()).toString());
    byLibrary = new NativeTokenizer("gpt2", gpt2.json(), TokenizerJson.parse(gpt2.json(), "gpt2"));
  }

  @AfterAll
  static void close() {
    byLibrary.close();
  }

  static Stream<Tokenizer> all() {
    return Stream.of(gpt2, loaded, byLibrary);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("all")
  void everyTextSurvivesTheRoundTrip(Tokenizer tokenizer) {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      String text = i % 2 == 0 ? fragments(random) : codePoints(random);
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }
  }

  @Test
  void theWrittenTokenizerIsTheBuiltInOneToEveryEngine() {
    Random random = new Random(2);
    for (int i = 0; i < 2000; i++) {
      String text = fragments(random);
      assertArrayEquals(gpt2.encode(text), loaded.encode(text), text);
      assertArrayEquals(gpt2.encode(text), byLibrary.encode(text), text);
    }
    for (int token = 0; token < gpt2.vocabularySize(); token++) {
      assertEquals(gpt2.decode(token), loaded.decode(token));
      assertEquals(gpt2.decode(token), byLibrary.decode(token));
    }
    assertEquals(gpt2.vocabularySize(), loaded.vocabularySize());
    assertEquals(gpt2.endOfText(), loaded.endOfText());
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("all")
  void textThatSpellsTheEndOfTextIsOrdinary(Tokenizer tokenizer) {
    String text = "a<|endoftext|>b <|endoftext|>";
    int[] tokens = tokenizer.encode(text);
    assertTrue(Arrays.stream(tokens).noneMatch(token -> token == tokenizer.endOfText()));
    assertEquals(text, tokenizer.decode(tokens));
    assertEquals("<|endoftext|>", tokenizer.decode(tokenizer.endOfText()));
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("all")
  void encodesAsGpt2Does(Tokenizer tokenizer) {
    assertArrayEquals(
        new int[] {15496, 995, 0, 314, 460, 470, 28, 10163},
        tokenizer.encode("Hello world! I can't=123"));
    assertArrayEquals(new int[0], tokenizer.encode(""));
    assertEquals(50_257, tokenizer.vocabularySize());
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("all")
  void bytesThatAreNotUtf8BecomeReplacementCharacters(Tokenizer tokenizer) {
    int[] tokens = tokenizer.encode("a😀b");
    assertEquals("a\ufffd", tokenizer.decode(tokens, 0, 2));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(50_257));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(-1));
  }

  @Test
  void theFingerprintIsThatOfTheFileAndNeverChanges() {
    assertEquals(gpt2.fingerprint(), loaded.fingerprint());
    assertArrayEquals(gpt2.json(), loaded.json());
    assertEquals(
        "sha256:3ac83ac9b547de7958cbe2d7a0732375aed3513f85a9bee892d7e13b763cbfc8",
        gpt2.fingerprint());
  }

  @Test
  void manyThreadsEncodeAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int seed = thread;
        results.add(
            threads.submit(
                () -> {
                  Random random = new Random(seed);
                  for (int i = 0; i < 500; i++) {
                    String text = fragments(random);
                    assertArrayEquals(gpt2.encode(text), byLibrary.encode(text));
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aTokenizersOwnTruncationPaddingAndAdditionsAreIgnored() throws Exception {
    String json =
        new String(gpt2.json(), StandardCharsets.UTF_8)
            .replace(
                "\"truncation\":null,\"padding\":null",
                "\"truncation\":{\"direction\":\"Right\",\"max_length\":4,\"strategy\":\"LongestFirst\","
                    + "\"stride\":0},\"padding\":{\"strategy\":{\"Fixed\":9},\"direction\":\"Right\","
                    + "\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"!\"}")
            .replace(
                "\"post_processor\":null",
                "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":"
                    + "{\"id\":\"<|endoftext|>\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],"
                    + "\"pair\":[],\"special_tokens\":{\"<|endoftext|>\":{\"id\":\"<|endoftext|>\","
                    + "\"ids\":[50256],\"tokens\":[\"<|endoftext|>\"]}}}");
    try (Tokenizer tokenizer = Tokenizers.load(write("limits.json", json))) {
      String longText = "one two three four five six ".repeat(500);
      assertArrayEquals(gpt2.encode("one"), tokenizer.encode("one"));
      assertArrayEquals(gpt2.encode(longText), tokenizer.encode(longText));
    }
  }

  @Test
  void tokensAddedAfterSpecialOnesKeepTheirNumbers() throws Exception {
    String json =
        new String(gpt2.json(), StandardCharsets.UTF_8)
            .replace(
                "\"special\":true}]",
                "\"special\":true},"
                    + addedToken(50_257, "<|system|>", true)
                    + ","
                    + addedToken(50_258, "[tool]", false)
                    + "]");
    try (Tokenizer tokenizer = Tokenizers.load(write("added.json", json))) {
      assertEquals(50_259, tokenizer.vocabularySize());
      assertArrayEquals(new int[] {50_258}, tokenizer.encode("[tool]"));
      assertArrayEquals(gpt2.encode("<|system|>"), tokenizer.encode("<|system|>"));
      assertEquals("<|system|>[tool]", tokenizer.decode(50_257, 50_258));
    }
  }

  @Test
  void aTokenizerIsTakenAsRanksOnlyIfThatSaysAll() throws Exception {
    String json = new String(gpt2.json(), StandardCharsets.UTF_8);
    assertTrue(ranks(json).isPresent());
    assertTrue(ranks(json.replace("\"Ġ t\",", "[\"Ġ\",\"t\"],")).isPresent());
    for (String[] change :
        new String[][] {
          {"\"add_prefix_space\":false", "\"add_prefix_space\":true"},
          {"\"use_regex\":true", "\"use_regex\":false"},
          {"\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}"},
          {"\"special\":true", "\"special\":false"},
          {"\"Ġ t\",\"Ġ a\"", "\"Ġ a\",\"Ġ t\""}, // not in the order of their tokens
          {"\"Ġ t\",", ""}, // a token that no merge makes
        }) {
      assertTrue(json.contains(change[0]), change[0]);
      assertTrue(ranks(json.replace(change[0], change[1])).isEmpty(), change[0]);
    }
  }

  @Test
  void aTokenizerWithoutAnEndOfTextIsRefused() throws Exception {
    String json = new String(gpt2.json(), StandardCharsets.UTF_8).replace("<|endoftext|>", "</s>");
    Path file = write("no-end.json", json);
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizers.load(file));
    assertTrue(e.getMessage().contains("no-end.json has no added token <|endoftext|>"));
  }

  @Test
  void whatIsNoTokenizerIsRefusedByName() throws Exception {
    Path missing = directory.resolve("missing.json");
    assertTrue(refusal(missing).contains("missing.json"));
    assertTrue(refusal(write("text.json", "Hello")).contains("text.json is not a tokenizer.json"));
    assertTrue(refusal(write("list.json", "[]")).contains("list.json is not a tokenizer.json"));
    String broken =
        new String(gpt2.json(), StandardCharsets.UTF_8)
            .replace("\"type\":\"BPE\"", "\"type\":\"X\"");
    assertTrue(refusal(write("broken.json", broken)).contains("broken.json"));
  }

  @Test
  void aClosedTokenizerSaysSo() throws Exception {
    TokenizerJson json = TokenizerJson.parse(gpt2.json(), "gpt2");
    Tokenizer tokenizer = new NativeTokenizer("gpt2", gpt2.json(), json);
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("text"));
    assertThrows(IllegalStateException.class, () -> tokenizer.decode(1));
  }

  private static Optional<Ranks> ranks(String json) throws Exception {
    return TokenizerJson.parse(json.getBytes(StandardCharsets.UTF_8), "gpt2").ranks();
  }

  private static String refusal(Path file) {
    return assertThrows(TokenizerException.class, () -> Tokenizers.load(file)).getMessage();
  }

  private static String addedToken(int id, String content, boolean special) {
    return "{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
            .formatted(id, content)
        + "\"normalized\":false,\"special\":%b}".formatted(special);
  }

  private static Path write(String name, String content) throws Exception {
    return write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static Path write(String name, byte[] content) throws Exception {
    return Files.write(directory.resolve(name), content);
  }

  private static String fragments(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i >= 0; i--) {
      text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
    }
    return text.toString();
  }

  private static String codePoints(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(30); i >= 0; i--) {
      int bound = random.nextBoolean() ? 0x3000 : Character.MAX_CODE_POINT + 1;
      int codePoint = random.nextInt(bound);
      text.appendCodePoint(codePoint >= 0xd800 && codePoint < 0xe000 ? 'x' : codePoint);
    }
    return text.toString();
  }
}
