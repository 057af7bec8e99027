package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.client.Matches;
import io.scone.client.SconeClient;
import io.scone.client.TokenWindows;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.export.RandomBundle;
import io.scone.inference.Bundle;
import io.scone.inference.FgramModel;
import io.scone.manifest.TableManifest;
import io.scone.row.RowCodec;
import io.scone.server.CacheServer;
import io.scone.server.ListenConfig;
import io.scone.server.ServerConfig;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle of random weights from the f-gram model to generated text, by way of a cache server. */
class ServedModelTest {
  private static final String TEXT =
      "To be, or not to be, that is the question: Whether 'tis nobler in the mind to suffer";
  private static final int[] TOKENS = RandomBundle.tokens(TEXT);

  @TempDir static Path directory;
  private static Bundle bundle;
  private static CacheServer server;
  private static String address;

  @BeforeAll
  static void serve() throws Exception {
    bundle = bundle("ours", 1);
    assertEquals(
        0, SconeRun.ofWords("precompute", "--bundle", bundle.directory().toString()).exitCode());
    server =
        CacheServer.start(
            ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0)).build(),
            Map.of("ours", bundle.table()));
    address = "127.0.0.1:" + server.address().getPort();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void servedRowsEqualThoseOfTheFgramModelBitForBit() throws Exception {
    RowCodec codec = TableManifest.read(bundle.table()).rowCodec();
    try (SconeClient client = SconeClient.connect(address);
        FgramModel model = FgramModel.open(bundle, 2)) {
      Matches matches = client.match(TokenWindows.of(TOKENS));
      assertTrue(matches.count() > TOKENS.length / 2);
      for (int i = 0; i < matches.count(); i++) {
        int end = matches.position(i) + 1;
        int[] fgram = Arrays.copyOfRange(TOKENS, end - matches.length(i), end);
        float[] values = new float[codec.dim()];
        model.compute(fgram, fgram.length, values, 0);
        ByteBuffer row = ByteBuffer.allocate(codec.rowBytes());
        codec.encode(values, 0, row);
        byte[] served = new byte[codec.rowBytes()];
        matches.rows().bytes(matches.rowIndex(i)).get(served);
        assertArrayEquals(row.array(), served);
      }
    }
  }

  @Test
  void generationThroughTheServerEqualsGenerationWithComputedRows() throws Exception {
    JsonNode served = generate("--server", address);
    assertEquals(40, served.path("generated_tokens").asInt());
    assertTrue(served.path("matches").asInt() > 20);
    assertEquals(
        served.path("tokens"), generate("--rows", "computed", "--dtype", "f16").path("tokens"));
    assertNotEquals(served.path("tokens"), generate("--rows", "none").path("tokens"));
  }

  @Test
  void whatIsFetchedAheadChangesNoTokenAndTheWaitsAreTold() throws Exception {
    JsonNode ahead = generate("--server", address);
    JsonNode plain = generate("--server", address, "--prefetch", "0", "--row-cache", "0");
    assertEquals(plain.path("tokens"), ahead.path("tokens"));
    assertEquals(39, plain.path("rows").path("steps").asInt());
    assertEquals(39, plain.path("rows").path("steps_waited").asInt());
    assertTrue(plain.path("rows").path("steps_wait_seconds").asDouble() > 0);
    assertTrue(plain.path("rows").path("chunks").asInt() > 0);
    assertEquals(0, ahead.path("rows").path("missing_tokens").asInt());

    SconeRun told = SconeRun.ofWords(generateArguments("--server", address, "--statistics"));
    assertTrue(told.err().matches("(?s)rows: \\d+ of 39 steps waited, .*"), told.err());
    assertEquals(
        2, SconeRun.ofWords(generateArguments("--server", address, "--prefetch", "-1")).exitCode());
  }

  @Test
  void textAppearsAsItIsGenerated() throws Exception {
    String text = generate("--server", address).path("text").asText();
    SconeRun outcome = SconeRun.ofWords(generateArguments("--server", address));
    assertEquals(text + System.lineSeparator(), outcome.out());
  }

  @Test
  void manyPromptsComeInOrderAsTheyComeAlone() throws Exception {
    Path file = directory.resolve("prompts.jsonl");
    Files.writeString(file, "{\"prompt\": \"To be\"}\n\n{\"prompt\": \"is the question\"}\n");
    String[] more = {"--server", address, "--prompts", file.toString(), "--slots", "2"};
    JsonNode all = json(generateArguments(more));
    assertEquals(3, all.size());
    assertEquals(generate("--server", address).path("tokens"), all.path(0).path("tokens"));
    assertEquals("To be", all.path(1).path("prompt").asText());
    assertEquals("is the question", all.path(2).path("prompt").asText());
    String text = SconeRun.ofWords(generateArguments(more)).out();
    assertTrue(text.contains("--- 3" + System.lineSeparator() + all.path(2).path("text").asText()));

    Files.writeString(file, "{\"text\": \"To be\"}");
    assertTrue(SconeRun.ofWords(generateArguments(more)).err().contains("line 1 of"));
  }

  @Test
  void decodingOptionsReachTheModel() throws Exception {
    JsonNode beams = generate("--server", address, "--beams", "3", "--sequences", "2");
    assertEquals(2, beams.size());
    assertTrue(beams.path(0).path("score").asDouble() >= beams.path(1).path("score").asDouble());
    JsonNode sampled =
        generate("--server", address, "--temperature", "1", "--seed", "7", "--logprobs", "2");
    assertEquals(40, sampled.path("logprobs").size());
    assertEquals(2, sampled.path("top_logprobs").path(0).size());
    String stop = sampled.path("text").asText().substring(5, 7);
    JsonNode stopped =
        generate("--server", address, "--temperature", "1", "--seed", "7", "--stop", stop);
    assertEquals("stop_string", stopped.path("stop_reason").asText());
    assertTrue(sampled.path("text").asText().startsWith(stopped.path("text").asText() + stop));
    assertRefused("the temperature is -1.0, it must be 0 or more", "--temperature", "-1");
    assertRefused("a beam search does not sample", "--beams", "2", "--temperature", "1");
  }

  private static void assertRefused(String sentence, String... more) {
    SconeRun outcome = SconeRun.ofWords(join(more, generateArguments("--server", address)));
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains(sentence), outcome.err());
  }

  @Test
  void evaluationThroughTheServerEqualsEvaluationWithComputedRows() throws Exception {
    Path corpus = directory.resolve("held-out.tokens");
    try (Tokenizer tokenizer = Tokenizers.load(bundle.tokenizer());
        TokenCorpusWriter writer = TokenCorpusWriter.create(corpus, tokenizer)) {
      writer.add(TOKENS, 17, TEXT.length());
      writer.publish();
    }
    JsonNode served = evaluate(corpus, "--server", address);
    assertEquals(2, served.size());
    assertEquals("on", served.path(0).path("rows").asText());
    assertTrue(served.path(0).path("match_rate").asDouble() > 0.5);
    assertTrue(served.path(1).path("mean_match_length").isNull());
    assertEquals(served, evaluate(corpus, "--rows", "computed", "--dtype", "f16"));
    assertEquals(served.path(1), evaluate(corpus, "--rows", "none").path(0));
  }

  @Test
  void datasetsAreEvaluatedEachAndTogether() throws Exception {
    Path one = Files.writeString(directory.resolve("one.txt"), TEXT.substring(0, 50));
    Path two =
        Files.writeString(
            directory.resolve("two.jsonl"),
            "{\"text\":\"To be, or not\"}\n{\"text\":\"that is the question\"}\n");
    JsonNode results =
        json(evaluation("--rows", "none", "--corpus", one.toString(), two.toString()));
    assertEquals(3, results.size());
    assertEquals(one.toString(), results.path(0).path("dataset").asText());
    assertEquals("all", results.path(2).path("dataset").asText());
    assertEquals(50, results.path(0).path("tokens").asInt()); // bytes and the end, less the first
    assertEquals(13 + 1 + 20 + 1 - 1, results.path(1).path("tokens").asInt());
    assertEquals(50 + 34, results.path(2).path("tokens").asInt());
    double loss = 0;
    for (int i = 0; i < 2; i++) {
      JsonNode result = results.path(i);
      loss += Math.log(result.path("token_perplexity").asDouble()) * result.path("tokens").asInt();
    }
    assertEquals(Math.exp(loss / 84), results.path(2).path("token_perplexity").asDouble(), 1e-6);
    JsonNode apart =
        json(evaluation("--rows", "none", "--documents", "apart", "--corpus", two.toString()));
    assertEquals(13 + 20, apart.path(0).path("tokens").asInt());
    JsonNode wikitext =
        json(evaluation("--rows", "none", "--wikitext", "--corpus", one.toString()));
    assertEquals(one.toString(), wikitext.path(0).path("dataset").asText());
  }

  private static String[] evaluation(String... more) {
    return join(more, "evaluate", "--model", bundle.directory().toString());
  }

  @Test
  void aTableOfAnotherModelIsRefused() throws Exception {
    Bundle other = bundle("other", 2);
    SconeRun outcome =
        SconeRun.ofWords(
            "generate",
            "--model",
            other.directory().toString(),
            "--server",
            address,
            "--prompt",
            TEXT);
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.err().contains(bundle.manifest().modelFingerprint()), outcome.err());
    assertTrue(outcome.err().contains(other.manifest().modelFingerprint()), outcome.err());
    assertEquals("", outcome.out());
  }

  @Test
  void theSourceOfRowsMustBeSaidOnce() {
    assertEquals(2, SconeRun.ofWords(generateArguments()).exitCode());
    assertEquals(
        2, SconeRun.ofWords(generateArguments("--server", address, "--rows", "none")).exitCode());
    assertEquals(
        2, SconeRun.ofWords(generateArguments("--rows", "computed", "--dtype", "f12")).exitCode());
  }

  @Test
  void aBaselineRunsByItself() throws Exception {
    String model = bundle("baseline", 3, null).directory().toString();
    String[] generation = {"generate", "--model", model, "--prompt", TEXT, "--max-tokens", "9"};
    JsonNode generated = json(generation);
    assertEquals(0, generated.path("matches").asInt());
    assertEquals(
        generated.path("tokens"),
        json(join(new String[] {"--rows", "none"}, generation)).path("tokens"));

    Path corpus = Files.writeString(directory.resolve("baseline.txt"), TEXT);
    JsonNode results = json("evaluate", "--model", model, "--corpus", corpus.toString());
    assertEquals(1, results.size());
    assertEquals("none", results.path(0).path("rows").asText());
    assertEquals(0, results.path(0).path("match_rate").asDouble());

    String sentence = " is a baseline: it has no f-grams, ";
    for (String rows : List.of("--server " + address, "--rows computed", "--table ours")) {
      SconeRun refused = SconeRun.ofWords(join(rows.split(" "), generation));
      assertEquals(2, refused.exitCode());
      assertTrue(refused.err().contains(sentence + "so give neither"), refused.err());
    }
    SconeRun precompute = SconeRun.ofWords("precompute", "--bundle", model);
    assertEquals(1, precompute.exitCode());
    assertEquals("scone: " + model + sentence + "and so no rows", precompute.err().strip());
  }

  private static Bundle bundle(String name, long seed) throws Exception {
    return bundle(name, seed, new ModelConfig.Fgram(4, 1, 4));
  }

  private static Bundle bundle(String name, long seed, ModelConfig.Fgram fgram) throws Exception {
    ModelConfig config =
        new ModelConfig(new ModelConfig.Main(RandomBundle.VOCABULARY, 160, 32, 2, 4), fgram);
    Path parts = Files.createDirectory(directory.resolve(name));
    return RandomBundle.create(parts, config, new int[][] {TOKENS}, seed);
  }

  private static JsonNode generate(String... rows) throws Exception {
    return json(generateArguments(rows));
  }

  private static String[] generateArguments(String... rows) {
    return join(
        rows,
        "generate",
        "--model",
        bundle.directory().toString(),
        "--prompt",
        TEXT,
        "--max-tokens",
        "40");
  }

  private static JsonNode evaluate(Path corpus, String... rows) throws Exception {
    return json(
        join(
            rows,
            "evaluate",
            "--model",
            bundle.directory().toString(),
            "--corpus",
            corpus.toString()));
  }

  private static String[] join(String[] more, String... arguments) {
    return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray(String[]::new);
  }

  private static JsonNode json(String... arguments) throws Exception {
    SconeRun outcome = SconeRun.ofWords(join(new String[] {"--json"}, arguments));
    assertEquals(0, outcome.exitCode(), outcome.err());
    return new JsonMapper().readTree(outcome.out());
  }
}
