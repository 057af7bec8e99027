package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.SconeException;
import io.scone.client.TokenWindows;
import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.table.Table;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that serve, over a real table; the server is a process of its own. */
class ServingTest {
  private static final int MAX_NGRAM = 3;
  private static final int DIM = 6;
  private static final Tokenizer TOKENIZER = Tokenizers.gpt2();
  private static final String TEXT = "The capital of the country is the centre of the country.";
  private static final String MODEL = new Fingerprint().update("model").finish();

  @TempDir private static Path temporary;
  private static Path table;
  private static Process server;
  private static String announcement;
  private static String address;

  @BeforeAll
  static void start() throws IOException {
    table = temporary.resolve("table");
    build(table);
    server =
        process("cache-server", "--table", "wiki=" + table, "--port", "0", "--max-tokens", "64");
    BufferedReader out = server.inputReader();
    announcement = out.readLine();
    Matcher found = Pattern.compile("127\\.0\\.0\\.1:\\d+").matcher(announcement);
    assertTrue(found.find(), announcement);
    address = found.group();
  }

  /** Stops the server as its last deed, so that the test of stopping costs no server of its own. */
  @AfterAll
  static void sigtermStopsTheServerWithExitCodeZero() throws Exception {
    server.destroy();
    assertTrue(server.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, server.exitValue());
  }

  @Test
  void theServerAnnouncesWhatItServesInOneLine() throws IOException {
    try (Table opened = Table.open(table)) {
      assertEquals(
          "serving on "
              + address
              + ": table 'wiki' of "
              + opened.manifest().rowCount()
              + " rows, "
              + opened.manifest().contentFingerprint(),
          announcement);
    }
  }

  @Test
  void theClientFindsWhatTheTableHoldsHoweverItSplitsItsRequests() throws IOException {
    Random random = new Random(1);
    int[] words = TOKENIZER.encode(TEXT);
    int[] text = random.ints(1000, 0, words.length).map(i -> words[i]).toArray();
    System.arraycopy(words, 0, text, 60, words.length); // across the server's limit of 64 tokens
    try (SconeClient client = SconeClient.builder(address).modelFingerprint(MODEL).build();
        Table opened = Table.open(table);
        var reader = opened.reader()) {
      Matches matches = client.match(TokenWindows.of(text));
      int match = 0;
      byte[] row = new byte[DIM * Float.BYTES];
      for (int i = 0; i < text.length; i++) {
        long wanted = opened.index().longestMatch(text, 0, i);
        if (wanted != FgramIndex.NONE) {
          int length = FgramIndex.length(wanted);
          assertEquals(i, matches.position(match));
          assertEquals(length, matches.length(match));
          int ordinal = FgramIndex.ordinal(wanted);
          reader.read(ordinal, text, i - length + 1, length, row, 0);
          assertEquals(ByteBuffer.wrap(row), matches.rows().bytes(matches.rowIndex(match++)));
        }
      }
      assertEquals(match, matches.count());
      assertTrue(match > 50);
      assertArrayEquals(
          new boolean[] {true, false},
          client.contains(List.of(Arrays.copyOf(words, 3), new int[] {words[1], words[0]})));
    }
    String other = new Fingerprint().update("other").finish();
    try (SconeClient client = SconeClient.builder(address).modelFingerprint(other).build()) {
      SconeException e =
          assertThrows(SconeException.class, () -> client.match(TokenWindows.of(text)));
      assertEquals(
          "table 'wiki' was made by model " + MODEL + ", not by model " + other, e.getMessage());
    }
  }

  @Test
  void lookupShowsTheFgramAndTheRowAtEachToken() throws Exception {
    SconeRun result =
        SconeRun.ofWords(
            "lookup", "--server", address, "--tokenizer", "gpt2", "--json", "The capital of");
    assertEquals(0, result.exitCode(), result.err());
    JsonNode rows = new ObjectMapper().readTree(result.out());
    assertEquals(3, rows.size());
    assertTrue(rows.get(0).get("fgram").isNull());
    assertEquals("The capital", rows.get(1).get("fgram").asText());
    assertEquals("The capital of", rows.get(2).get("fgram").asText());
    assertEquals(3, rows.get(2).get("length").asInt());
    assertEquals(4, rows.get(2).get("values").size());

    int[] tokens = TOKENIZER.encode("The capital");
    result =
        SconeRun.ofWords("lookup", "--server", address, "--tokens", tokens[0] + "," + tokens[1]);
    assertEquals(0, result.exitCode(), result.err());
    assertTrue(result.out().contains("[" + tokens[0] + ", " + tokens[1] + "]"), result.out());
  }

  @Test
  void lookupWithoutTextOrTokenizerIsBadUsage() throws Exception {
    assertEquals(2, SconeRun.ofWords("lookup", "--server", address).exitCode());
    assertEquals(2, SconeRun.ofWords("lookup", "--server", address, "text").exitCode());
  }

  @Test
  void aPortThatIsTakenFailsWithOneSentence() throws Exception {
    try (ServerSocket other = new ServerSocket(0)) {
      int port = other.getLocalPort();
      assertFails(
          "scone: cannot listen on 127.0.0.1:"
              + port
              + ": another program has that port; stop it or choose another port",
          runProcess("cache-server", "--table", table.toString(), "--port", "" + port));
    }
  }

  @Test
  void aDamagedTableFailsWithOneSentence() throws Exception {
    Path damaged = temporary.resolve("damaged");
    build(damaged);
    try (Stream<Path> files = Files.walk(damaged)) {
      Path rows = files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
      try (RandomAccessFile file = new RandomAccessFile(rows.toFile(), "rw")) {
        file.seek(50);
        int value = file.read();
        file.seek(50);
        file.write(~value);
      }
    }
    String sentence = "scone: table " + damaged + " is damaged: ";
    assertFails(sentence, runProcess("cache-server", "--table", damaged.toString(), "--port", "0"));
    assertFails(sentence, SconeRun.ofWords("table", "verify", damaged.toString()));
  }

  @Test
  void tablesCanBeInspectedVerifiedAndReadOnDisk() throws Exception {
    try (Table opened = Table.open(table)) {
      SconeRun result = SconeRun.ofWords("table", "inspect", table.toString(), "--json");
      JsonNode json = new ObjectMapper().readTree(result.out());
      assertEquals(opened.manifest().rowCount(), json.get("rows").asLong());
      assertEquals(MODEL, json.get("model_fingerprint").asText());
      result = SconeRun.ofWords("table", "verify", table.toString());
      assertEquals(0, result.exitCode(), result.err());
      assertTrue(result.out().contains(opened.manifest().contentFingerprint()), result.out());
    }
    int[] tokens = TOKENIZER.encode("The capital");
    SconeRun result =
        SconeRun.ofWords("table", "get", table.toString(), tokens[0] + "," + tokens[1], "--json");
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertEquals(DIM, json.get("values").size());
    assertFails(
        "scone: table " + table + " holds no f-gram [1, 1]",
        SconeRun.ofWords("table", "get", table.toString(), "1,1"));
  }

  @Test
  void theTablesOfAServerAreAdministeredWhileItServes() throws Exception {
    Path next = temporary.resolve("next");
    String first = TableManifest.read(table).contentFingerprint();
    String second = build(next, 1);
    JsonNode loaded = json("table", "load", "--server", address, "--json", "wiki", next.toString());
    assertEquals("loaded", loaded.get("state").asText());
    assertEquals(second, loaded.get("version").asText());
    String beginning = second.substring("sha256:".length(), 20);
    JsonNode activated =
        json("table", "activate", "--server", address, "--json", "wiki", beginning);
    assertEquals("active", activated.get("state").asText());
    assertEquals(first, activated.get("previous_version").asText());
    JsonNode listed = json("table", "list", "--server", address, "--json");
    assertEquals(2, listed.size());
    assertEquals(second, listed.get(0).get("version").asText());
    assertEquals("loaded", listed.get(1).get("state").asText());
    assertEquals(
        next.toString(),
        json("table", "describe", "--server", address, "--json").get("directory").asText());
    assertFails(
        "scone: version " + second + " of table 'wiki' is active; activate another before",
        SconeRun.ofWords("table", "unload", "--server", address, "wiki", beginning));

    JsonNode back = json("table", "rollback", "--server", address, "--json", "wiki");
    assertEquals(first, back.get("version").asText());
    assertEquals(second, back.get("previous_version").asText());
    JsonNode unloaded = json("table", "unload", "--server", address, "--json", "wiki", beginning);
    assertEquals(second, unloaded.get("unloaded").asText());
    assertEquals(1, json("table", "list", "--server", address, "--json").size());
    assertFails(
        "scone: there is no version 'x' of table 'wiki'; there are [" + first + "]",
        SconeRun.ofWords("table", "activate", "--server", address, "wiki", "x"));
  }

  private static JsonNode json(String... arguments) throws IOException {
    SconeRun result = SconeRun.ofWords(arguments);
    assertEquals(0, result.exitCode(), result.err());
    return new ObjectMapper().readTree(result.out());
  }

  static void build(Path directory) throws IOException {
    var unused = build(directory, 0);
  }

  /** Builds a table of the n-grams of {@link #TEXT} and returns its version. */
  private static String build(Path directory, long seed) throws IOException {
    int[] tokens = TOKENIZER.encode(TEXT);
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int n = 2; n <= MAX_NGRAM; n++) {
      for (int i = 0; i + n <= tokens.length; i++) {
        keys.add(FgramKey.encode(tokens, i, n));
      }
    }
    TableSpec spec =
        new TableSpec(
            MODEL,
            TOKENIZER.fingerprint(),
            new Fingerprint().finish(),
            TOKENIZER.vocabularySize(),
            MAX_NGRAM,
            DIM,
            Dtype.F32,
            "test");
    Random random = new Random(seed);
    try (TableWriter writer = TableWriter.create(directory, spec)) {
      for (byte[] key : keys) {
        ByteBuffer row = ByteBuffer.allocate(DIM * Float.BYTES);
        float[] values = new float[DIM];
        for (int i = 0; i < DIM; i++) {
          values[i] = random.nextFloat();
        }
        spec.rowCodec().encode(values, 0, row);
        writer.add(key, 1, row.flip());
      }
      return writer.publish().contentFingerprint();
    }
  }

  private static void assertFails(String sentence, SconeRun result) {
    assertEquals(1, result.exitCode(), result.err());
    assertEquals("", result.out());
    List<String> lines = result.err().lines().toList();
    assertTrue(lines.get(lines.size() - 1).startsWith(sentence), result.err());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("\tat ")), result.err());
  }

  private static Process process(String... arguments) throws IOException {
    return SconeRun.process(List.of("-XX:TieredStopAtLevel=1"), arguments).start();
  }

  private static SconeRun runProcess(String... arguments) throws Exception {
    Process process = process(arguments);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new SconeRun(process.waitFor(), out, err);
  }
}
