package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scone.client.FoundFgrams;
import io.scone.client.Matches;
import io.scone.client.Rows;
import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.server.AuthConfig;
import io.scone.server.CacheServer;
import io.scone.server.ListenConfig;
import io.scone.server.ServerConfig;
import io.scone.server.TlsConfig;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The Python example, in processes of their own, against a server: what it decodes is what the Java
 * client decodes. Skipped where Python has no gRPC or nothing makes its code of the protos.
 */
@Timeout(120)
class PythonClientTest {
  private static final Path EXAMPLE = Path.of("..", "examples", "python").toAbsolutePath();
  private static final int VOCABULARY = 20;
  private static final int MAX_NGRAM = 3;

  /** Odd, and more than one group of the values that share a scale. */
  private static final int DIM = 35;

  private static final int FGRAMS = 60;
  private static final int[] LONG_WINDOW = new Random(2).ints(200, 0, VOCABULARY).toArray();
  private static final int[] SHORT_WINDOW = {3, 1, 4, 1, 5, 9, 2, 6};
  private static final String TOKEN = "reader-of-rows-0123456789";

  @TempDir private static Path directory;
  private static String python;
  private static Map<String, Path> tables;
  private static CacheServer server;

  @BeforeAll
  static void start() throws Exception {
    python =
        Stream.of("python3", "/usr/bin/python3")
            .filter(program -> succeeds(program, "-c", "import grpc, google.protobuf"))
            .findFirst()
            .orElse(null);
    assumeTrue(python != null, "no Python with gRPC: apt-get install python3-grpcio");
    assumeTrue(
        succeeds(EXAMPLE.resolve("generate.sh").toString(), directory.resolve("code").toString()),
        "nothing makes Python of protos: apt-get install protobuf-compiler-grpc");
    tables = new TreeMap<>();
    for (Dtype dtype : Dtype.values()) {
      tables.put(dtype.toString(), build(dtype));
    }
    server = CacheServer.start(config().build(), tables);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void itDecodesEveryValueAsTheJavaClientDoes(Dtype dtype) throws Exception {
    try (SconeClient client = SconeClient.builder(address()).table(dtype.toString()).build()) {
      Matches matches = client.match(TokenWindows.of(LONG_WINDOW).add(SHORT_WINDOW, 0));
      JsonNode matched = json(dtype, "match", words(LONG_WINDOW), words(SHORT_WINDOW));
      assertTrue(matches.count() > FGRAMS / 2);
      assertEquals(matches.count(), matched.size());
      for (int i = 0; i < matches.count(); i++) {
        JsonNode match = matched.get(i);
        boolean inLong = matches.position(i) < LONG_WINDOW.length;
        int[] window = inLong ? LONG_WINDOW : SHORT_WINDOW;
        int position = matches.position(i) - (inLong ? 0 : LONG_WINDOW.length);
        assertEquals(inLong ? 0 : 1, match.get("window").asInt());
        assertEquals(position, match.get("position").asInt());
        int[] fgram = Arrays.copyOfRange(window, position + 1 - matches.length(i), position + 1);
        assertEquals(Arrays.toString(fgram), match.get("fgram").toString().replace(",", ", "));
        assertRow(matches.rows(), matches.rowIndex(i), match.get("values"));
      }

      List<int[]> fgrams = new ArrayList<>();
      for (int i = 0; i + MAX_NGRAM <= LONG_WINDOW.length; i++) {
        fgrams.add(Arrays.copyOfRange(LONG_WINDOW, i, i + 2));
        fgrams.add(Arrays.copyOfRange(LONG_WINDOW, i, i + MAX_NGRAM));
      }
      FoundFgrams found = client.lookup(fgrams);
      JsonNode looked =
          json(
              dtype,
              Stream.concat(Stream.of("lookup"), fgrams.stream().map(PythonClientTest::words))
                  .toArray(String[]::new));
      assertEquals(found.count(), looked.size());
      for (int i = 0; i < found.count(); i++) {
        assertEquals(found.found(i), !looked.get(i).isNull());
        if (found.found(i)) {
          assertRow(found.rows(), found.rowIndex(i), looked.get(i));
        }
      }
    }
  }

  @Test
  void itTellsWhatTablesThereAreAndPrintsTheBeginningsOfRows() throws Exception {
    String listed = succeed("--server", address(), "tables");
    for (Dtype dtype : Dtype.values()) {
      assertTrue(
          listed.contains(dtype + ": " + FGRAMS + " rows of " + DIM + " " + dtype + " values"),
          listed);
    }
    String matched = succeed("--server", address(), "match", words(LONG_WINDOW));
    assertTrue(matched.matches("(?s)rows of shape \\(\\d+, 35\\)\nwindow 0, .*, \\.\\.\\.]\n"));
  }

  @Test
  void itSpeaksTlsAndSendsAToken() throws Exception {
    ServerSecrets secrets = ServerSecrets.write(directory, Map.of("read", TOKEN));
    AuthConfig auth = new AuthConfig(Optional.of(secrets.tokens()), false);
    TlsConfig tls = TlsConfig.of(secrets.certificate(), secrets.key());
    ServerConfig config = config().tls(tls).auth(auth).build();
    try (CacheServer secured = CacheServer.start(config, tables)) {
      String address = "127.0.0.1:" + secured.address().getPort();
      List<String> at =
          List.of(
              "--server",
              address,
              "--tls-authority",
              secrets.certificate().toString(),
              "--token-file");
      Path token = write("token", TOKEN + "\n");
      assertTrue(
          succeed(with(at, token.toString(), "match", words(LONG_WINDOW))).startsWith("rows of"));
      Path other = write("other", "nobody");
      assertFails("UNAUTHENTICATED: ", with(at, other.toString(), "match", "1,2"));
      assertFails("UNAVAILABLE: ", "--server", address, "match", "1,2");
    }
  }

  @Test
  void aMistakeIsOneSentence() throws Exception {
    assertFails("NOT_FOUND: ", "--server", address(), "--table", "none", "match", "1,2");
    assertFails("INVALID_ARGUMENT: ", "--server", address(), "match", "1,4000000");
    assertFails("none: No such file", "--token-file", "none", "tables");
    Result usage = example("match", "1,x");
    assertEquals(2, usage.exitCode);
    assertTrue(
        usage.err.endsWith("error: '1,x' is no list of tokens, as in 464,3139\n"), usage.err);
  }

  private static ServerConfig.Builder config() {
    return ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0));
  }

  private static String address() {
    return "127.0.0.1:" + server.address().getPort();
  }

  private static Path build(Dtype dtype) throws IOException {
    Random random = new Random(1);
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    while (keys.size() < FGRAMS) {
      int end = MAX_NGRAM + random.nextInt(LONG_WINDOW.length - MAX_NGRAM);
      for (int n = 2; n <= MAX_NGRAM && keys.size() < FGRAMS; n++) {
        keys.add(FgramKey.encode(LONG_WINDOW, end - n, n));
      }
    }
    String none = new Fingerprint().finish();
    TableSpec spec = new TableSpec(none, none, none, VOCABULARY, MAX_NGRAM, DIM, dtype, "test");
    Path table = directory.resolve(dtype.toString());
    try (TableWriter writer = TableWriter.create(table, spec)) {
      for (byte[] key : keys) {
        float[] values = new float[DIM];
        for (int i = 0; i < DIM; i++) {
          values[i] = (float) random.nextGaussian();
        }
        ByteBuffer row = ByteBuffer.allocate(spec.rowCodec().rowBytes());
        spec.rowCodec().encode(values, 0, row);
        writer.add(key, 1, row.flip());
      }
      var unused = writer.publish();
    }
    return table;
  }

  private static Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static void assertRow(Rows rows, int row, JsonNode decoded) {
    float[] values = new float[DIM];
    rows.decode(row, values, 0);
    assertEquals(DIM, decoded.size());
    for (int i = 0; i < DIM; i++) {
      assertEquals(values[i], (float) decoded.get(i).asDouble());
    }
  }

  private static JsonNode json(Dtype dtype, String... command) throws Exception {
    List<String> at = List.of("--json", "--server", address(), "--table", dtype.toString());
    return new ObjectMapper().readTree(succeed(with(at, command)));
  }

  private static String words(int[] tokens) {
    return IntStream.of(tokens).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  private static String[] with(List<String> first, String... then) {
    return Stream.concat(first.stream(), Stream.of(then)).toArray(String[]::new);
  }

  private static String succeed(String... arguments) throws Exception {
    Result result = example(arguments);
    assertEquals(0, result.exitCode, result.err);
    return result.out;
  }

  private static void assertFails(String sentence, String... arguments) throws Exception {
    Result result = example(arguments);
    assertEquals(1, result.exitCode, result.out);
    assertTrue(result.err.startsWith("scone_example: " + sentence), result.err);
    assertEquals(1, result.err.lines().count(), result.err);
  }

  private static Result example(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(python, EXAMPLE.resolve("scone_example.py").toString()));
    command.addAll(List.of(arguments));
    Path err = directory.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().put("PYTHONPATH", directory.resolve("code").toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
      return new Result(process.exitValue(), out, Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean succeeds(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // there is no such program
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Result(int exitCode, String out, String err) {}
}
