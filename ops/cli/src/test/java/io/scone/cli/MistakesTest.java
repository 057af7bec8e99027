package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.scone.export.RandomBundle;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.server.AuthConfig;
import io.scone.server.CacheServer;
import io.scone.server.ListenConfig;
import io.scone.server.ServerConfig;
import io.scone.server.TlsConfig;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.training.ModelConfig;
import io.scone.training.PyTorch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The mistakes that people are likeliest to make: each is told in one sentence. */
@Timeout(120)
class MistakesTest {
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  private static final String SHAPE =
      " model.dim=16 model.layers=1 fgram.layers=1 fgram.memory=100 model.context=16 training.batch=2"
          + " training.steps=1 training.device=cpu training.threads=1";

  @TempDir static Path directory;
  private static CacheServer server;
  private static CacheServer secured;
  private static HttpServer http;

  @BeforeAll
  static void prepare() throws Exception {
    Files.writeString(at("empty.txt"), "");
    Files.writeString(at("malformed.yaml"), "mine: {max-ngram: 5\n");
    Files.writeString(at("typo.yaml"), "mine: {max-ngrm: 5}\n");
    TinyCorpus.writeMined(directory);
    done("train" + data("text.tokens") + SHAPE + out("run"));
    flipInTheMiddle(Files.copy(at("text.tokens"), at("damaged.tokens")));

    for (int seed = 1; seed <= 2; seed++) {
      Path parent = Files.createDirectory(at("model" + seed));
      ModelConfig config =
          new ModelConfig(
              new ModelConfig.Main(RandomBundle.VOCABULARY, 32, 16, 1, 2),
              new ModelConfig.Fgram(3, 1, 2));
      int[][] text = {RandomBundle.tokens("To be, or not to be, that is the question")};
      var unused = RandomBundle.create(parent, config, text, seed);
    }
    done("precompute" + in("bundle", "model1/bundle"));
    Path table = at("model1/bundle/table");
    Path manifest = copy(table, at("old")).resolve(TableManifest.FILE);
    Files.writeString(
        manifest, Files.readString(manifest).replaceFirst("(\"format_version\" *: *)\\d+", "$10"));
    flipInTheMiddle(copy(table, at("damaged")).resolve("index.bin"));

    server = CacheServer.start(onAnyPort().build(), Map.of("default", table));
    secured = CacheServer.start(secured(), Map.of("default", table));
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    secured.close();
    http.stop(0);
  }

  static List<Arguments> mistakes() throws IOException {
    String plain = " --server " + server.addresses().get(0);
    String tls = " --server " + secured.addresses().get(0);
    String trusting = tls + in("tls-authority", "certificate.pem");
    String web = "127.0.0.1:" + http.getAddress().getPort();
    String lookup = "lookup --tokens 1,2";
    String mine = "mine" + in("corpus", "text.tokens");
    String train = "train" + data("text.tokens") + SHAPE;
    String generate = "generate --prompt the" + in("model", "model1/bundle");
    int noServer;
    try (ServerSocket socket = new ServerSocket(0)) {
      noServer = socket.getLocalPort();
    }
    List<Arguments> mistakes = new ArrayList<>();
    mistakes.addAll(
        List.of(
            mistake(
                "a path that is wrong",
                "mine --tokenizer gpt2" + in("corpus", "missing.txt") + out("x"),
                FAILED,
                "there is no file or directory '" + at("missing.txt") + "'"),
            mistake(
                "a directory that is no table",
                "cache-server --table " + directory,
                FAILED,
                directory + " is not a complete table: it has no manifest.json"),
            mistake(
                "a file for a directory",
                "table verify " + at("text.txt"),
                FAILED,
                at("text.txt") + " is a file, and a table is a directory"),
            mistake(
                "a directory for a file", mine + out("run"), FAILED, at("run") + " is a directory"),
            mistake(
                "a directory for a benchmark's results, before anything is measured",
                "benchmark training --corpus missing.txt --dir " + at("b") + out("run"),
                FAILED,
                at("run") + " is a directory; name the file to write"),
            mistake(
                "a directory for a tokenizer",
                "mine --tokenizer " + directory + in("corpus", "text.txt") + out("x"),
                FAILED,
                "the tokenizer '" + directory + "' is a directory"),
            mistake(
                "a port on which nothing listens",
                lookup + " --server localhost:" + noServer,
                FAILED,
                "the cache server at localhost:"
                    + noServer
                    + " cannot be reached: Connection"
                    + " refused"),
            mistake(
                "a port with a web server",
                lookup + " --server " + web,
                FAILED,
                "the cache server at " + web + " speaks HTTP/1, not gRPC"),
            mistake(
                "several servers where one is administered",
                "table list --server localhost:1;localhost:2",
                FAILED,
                "tables are administered at one server at a time"),
            mistake("TLS where there is none", lookup + plain + " --tls", FAILED, "not speak TLS"),
            mistake("no TLS where it is wanted", lookup + tls, FAILED, "it may want TLS"),
            mistake(
                "an authority that is not the server's",
                lookup + tls + " --tls",
                FAILED,
                "is not trusted: its certificate"),
            mistake("no token", lookup + trusting, FAILED, "wants a token, and"),
            mistake(
                "a wrong token",
                lookup + trusting + " --token wrong",
                FAILED,
                "does not take this client's token"),
            mistake(
                "a table of an old release",
                "cache-server --table " + at("old"),
                FAILED,
                "its format version is 0 and this release reads version"),
            mistake(
                "a table that is damaged",
                "cache-server --table " + at("damaged"),
                FAILED,
                "table " + at("damaged") + " is damaged: index.bin is not what was written"),
            mistake(
                "tokens that are damaged",
                "mine" + in("corpus", "damaged.tokens") + out("x"),
                FAILED,
                at("damaged.tokens") + " is damaged"),
            mistake(
                "a typing mistake in a file of settings",
                mine + in("config", "typo.yaml") + out("x"),
                BAD_USAGE,
                "no option reads 'mine.max-ngrm'; did you mean max-ngram?"),
            mistake(
                "a typing mistake in a setting",
                train + " model.dmi=3" + out("x"),
                BAD_USAGE,
                "there is no setting 'model.dmi'; did you mean model.dim?"),
            mistake(
                "a typing mistake in a preset",
                "train smal-100k" + out("x"),
                BAD_USAGE,
                "there is no preset 'smal-100k'; did you mean small-100k?"),
            mistake(
                "a typing mistake in a command",
                "lokup --tokens 1",
                BAD_USAGE,
                "scone has no command 'lokup'; did you mean lookup?"),
            mistake(
                "a typing mistake in an option",
                "lookup --sever=localhost --tokens 1",
                BAD_USAGE,
                "scone lookup has no option '--sever'; did you mean --server?"),
            mistake("an option left out", mine, BAD_USAGE, "missing required option: '--out=FILE'"),
            mistake(
                "a value that is none",
                "lookup --tokens 1,two",
                BAD_USAGE,
                "invalid value for option '--tokens' (TOKEN): 'two' is not an int"),
            mistake(
                "a word that is none of a few",
                "evaluate --corpus x --model x --on-missing-rows ignore",
                BAD_USAGE,
                "'--on-missing-rows': 'ignore' is not one of fail, token-embedding"),
            mistake(
                "a type that a model is not exported in",
                "export --dtype int8-f12" + in("checkpoint", "run") + out("x"),
                BAD_USAGE,
                "no type 'int8-f12'; there are [f32, f16, bf16, int8, int8-f16, int8-bf16, int4"),
            mistake(
                "help with a command that is none",
                "help table lst",
                BAD_USAGE,
                "scone table has no command 'lst'; did you mean list?"),
            mistake(
                "YAML that is malformed",
                mine + in("config", "malformed.yaml") + out("x"),
                BAD_USAGE,
                at("malformed.yaml") + " is not YAML, line 2: expected ',' or '}'"),
            mistake(
                "a port in use",
                "cache-server --table "
                    + at("model1/bundle/table")
                    + " --port "
                    + web.substring(10),
                FAILED,
                "cannot listen on " + web + ": another program has that port"),
            mistake(
                "a port in use, over HTTP",
                "serve --rows none" + in("model", "model1/bundle") + " --listen " + web,
                FAILED,
                "cannot listen on " + web + ": Address already in use"),
            mistake(
                "another tokenizer than the table's",
                "lookup --tokenizer gpt2 the" + plain,
                FAILED,
                "table 'default' was made with tokenizer sha256:"),
            mistake(
                "another model than the table's",
                "generate --prompt the" + in("model", "model2/bundle") + plain,
                FAILED,
                "serve the table that was precomputed from this bundle"),
            mistake(
                "a model in f32 on a GPU",
                generate + " --rows none --device cuda",
                FAILED,
                "on a GPU it has to be f16 or bf16"),
            mistake(
                "no rows and no server",
                generate,
                BAD_USAGE,
                "say where rows come from: --server ADDRESS, --rows computed or --rows none"),
            mistake(
                "a run's directory that exists",
                train + out("run"),
                FAILED,
                "is there already: resume that run, or train into another directory"),
            mistake(
                "a table that exists",
                "precompute" + in("bundle", "model1/bundle"),
                FAILED,
                "a table is never overwritten"),
            mistake(
                "a directory where a file is",
                train + out("text.txt"),
                FAILED,
                "'" + at("text.txt") + "' is there already"),
            mistake(
                "an empty corpus",
                "mine --tokenizer gpt2" + in("corpus", "empty.txt") + out("x"),
                FAILED,
                "the corpus is empty"),
            mistake(
                "a corpus smaller than a batch",
                train + " training.batch=100000" + out("x"),
                FAILED,
                "windows of 16 tokens and one update takes 100000: take more text or a smaller"),
            mistake(
                "a table that the server has not",
                lookup + plain + " --table wiki",
                FAILED,
                "there is no table 'wiki'; there are [default]"),
            mistake(
                "a directory that cannot be written",
                mine + " --out /proc/x.bin",
                FAILED,
                "/proc/x.bin cannot be written")));
    if (PyTorch.load() == 0) {
      mistakes.add(
          mistake(
              "training on a GPU that is not there",
              train.replace("device=cpu", "device=cuda") + out("x"),
              FAILED,
              "PyTorch sees no CUDA GPU: choose the device 'cpu', or build with -Pgpu"));
    }
    return mistakes;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void isToldInOneSentence(String what, String command, int exitCode, String sentence) {
    SconeRun run = SconeRun.of(command);
    assertEquals(exitCode, run.exitCode(), run.err());
    assertEquals("", run.out(), what);
    assertTrue(sentence(run.err()).contains(sentence), run.err());
    assertFalse(Files.exists(at("x")));
  }

  @Test
  void tooLittleMemoryIsToldInOneSentence() throws Exception {
    int dim = 8 << 20;
    String any = new Fingerprint().finish();
    TableSpec spec = new TableSpec(any, any, any, 10, 2, dim, Dtype.F32, "test");
    try (TableWriter writer = TableWriter.create(at("large"), spec)) {
      writer.add(FgramKey.encode(new int[] {0, 1}), 1, ByteBuffer.allocate(dim * Float.BYTES));
      var unused = writer.publish();
    }
    assertEquals(
        "there is not enough memory for 33,554,432 bytes of rows of table " + at("large"),
        failure(
                "-XX:MaxDirectMemorySize=8m",
                "cache-server --residency default=ram --port 0 --table " + at("large"))
            .replaceFirst(" \\(.*", ""));
    assertEquals(
        "Java has too little memory (Java heap space); give it more, as SCONE_JAVA_OPTS=-Xmx8g does,"
            + " or ask for less at once",
        failure("-Xmx32m", "table get " + at("large") + " 0,1"));
  }

  /**
   * Runs a command as a process with little memory, and returns the sentence that it fails with.
   */
  private static String failure(String javaOption, String command) throws Exception {
    Path err = at("err");
    Process process =
        SconeRun.process(List.of(javaOption), command.split(" "))
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(FAILED, process.exitValue(), Files.readString(err));
      return sentence(Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Returns the one sentence of what a command said went wrong. */
  private static String sentence(String err) {
    List<String> told = err.lines().filter(line -> line.startsWith("scone: ")).toList();
    assertEquals(1, told.size(), err);
    assertTrue(err.lines().noneMatch(line -> line.startsWith("\tat ")), err);
    return told.get(0).substring("scone: ".length());
  }

  private static Arguments mistake(String what, String command, int exitCode, String sentence) {
    return Arguments.of(what, command, exitCode, sentence);
  }

  private static ServerConfig.Builder onAnyPort() {
    return ServerConfig.builder()
        .listen(
            new ListenConfig(
                Optional.of(new ListenConfig.Tcp("127.0.0.1", 0)), Optional.empty(), 1));
  }

  private static ServerConfig secured() throws Exception {
    ServerSecrets secrets = ServerSecrets.write(directory, Map.of("read", "right"));
    return onAnyPort()
        .tls(
            new TlsConfig(
                Optional.of(secrets.certificate()),
                Optional.of(secrets.key()),
                Optional.empty(),
                TlsConfig.ClientAuth.NONE))
        .auth(new AuthConfig(Optional.of(secrets.tokens()), false))
        .build();
  }

  private static String data(String tokens) {
    return " data.corpus=" + at(tokens) + " data.fgrams=" + at("fgrams.bin");
  }

  private static String in(String option, String name) {
    return " --" + option + " " + at(name);
  }

  private static String out(String name) {
    return in("out", name);
  }

  private static Path at(String name) {
    return directory.resolve(name);
  }

  private static void flipInTheMiddle(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long middle = bytes.length() / 2;
      bytes.seek(middle);
      int value = bytes.read();
      bytes.seek(middle);
      bytes.write(value ^ 0x20);
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    return to;
  }
}
