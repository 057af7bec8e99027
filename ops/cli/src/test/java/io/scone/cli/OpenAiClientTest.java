package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import io.scone.export.RandomBundle;
import io.scone.generation.EngineConfig;
import io.scone.inference.Bundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own client for Java, as it is, against the server. */
@Timeout(120)
class OpenAiClientTest {
  private static final String KEY = "key-of-this-test";
  private static final String PROMPT = "To be, or not to be";

  @TempDir private static Path directory;
  private static HttpModel model;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws Exception {
    Bundle bundle = HttpModel.bundle(directory);
    model = HttpModel.start(bundle, EngineConfig.ofSlots(8), KEY);
    client = client(KEY);
  }

  @AfterAll
  static void stop() {
    client.close();
    model.close();
  }

  @Test
  void aPromptIsCompletedTheSameWholeAndStreamed() {
    CompletionCreateParams params = params().maxTokens(12).temperature(0.8).seed(5).build();
    Completion whole = client.completions().create(params);
    CompletionChoice choice = whole.choices().get(0);
    assertEquals("length", choice.finishReason().asString());
    assertEquals(PROMPT.length(), whole.usage().orElseThrow().promptTokens());
    assertEquals(12, whole.usage().orElseThrow().completionTokens());
    StringBuilder streamed = new StringBuilder();
    List<String> reasons = new ArrayList<>();
    try (StreamResponse<Completion> events = client.completions().createStreaming(params)) {
      events.stream()
          .flatMap(event -> event.choices().stream())
          .forEach(
              part -> {
                streamed.append(part.text());
                part._finishReason()
                    .asKnown()
                    .map(CompletionChoice.FinishReason::asString)
                    .ifPresent(reasons::add);
              });
    }
    assertEquals(choice.text(), streamed.toString());
    assertEquals(List.of("length"), reasons);
  }

  @Test
  void aStreamEndsWithItsUsageIfThatIsAskedFor() {
    CompletionCreateParams params =
        params()
            .maxTokens(7)
            .temperature(0) // by chance a text may end before its seventh token
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<Completion> events = client.completions().createStreaming(params)) {
      List<Completion> all = events.stream().toList();
      Completion last = all.get(all.size() - 1);
      assertEquals(0, last.choices().size());
      assertEquals(PROMPT.length() + 7, last.usage().orElseThrow().totalTokens());
    }
  }

  @Test
  void promptsMayBeManyAndTokens() {
    Completion single = client.completions().create(params().maxTokens(5).temperature(0).build());
    Completion texts =
        client
            .completions()
            .create(
                params()
                    .promptOfArrayOfStrings(List.of("Whether", PROMPT))
                    .maxTokens(5)
                    .temperature(0)
                    .build());
    assertEquals(2, texts.choices().size());
    assertEquals(1, texts.choices().get(1).index());
    assertEquals(single.choices().get(0).text(), texts.choices().get(1).text());
    List<Long> tokens = Arrays.stream(RandomBundle.tokens(PROMPT)).asLongStream().boxed().toList();
    Completion ofTokens =
        client
            .completions()
            .create(params().promptOfArrayOfTokens(tokens).maxTokens(5).temperature(0).build());
    assertEquals(single.choices().get(0).text(), ofTokens.choices().get(0).text());
  }

  @Test
  void severalChoicesDifferAndTheBestOfManyAreTheLikeliest() {
    Completion three =
        client.completions().create(params().n(3).maxTokens(10).temperature(1).seed(1).build());
    assertEquals(3, three.choices().stream().map(CompletionChoice::text).distinct().count());
    Completion best =
        client
            .completions()
            .create(params().n(1).bestOf(3).maxTokens(10).temperature(1).seed(1).build());
    assertEquals(1, best.choices().size());
    assertTrue(
        three.choices().stream()
            .map(CompletionChoice::text)
            .toList()
            .contains(best.choices().get(0).text()));
  }

  @Test
  void aStopStringEndsTheTextAndIsNoPartOfIt() {
    CompletionCreateParams.Builder params = params().maxTokens(40).temperature(1).seed(3);
    String text = client.completions().create(params.build()).choices().get(0).text();
    String stop = text.substring(9, 12);
    CompletionChoice stopped =
        client.completions().create(params.stop(stop).build()).choices().get(0);
    assertEquals(text.substring(0, text.indexOf(stop)), stopped.text());
    assertEquals("stop", stopped.finishReason().asString());
  }

  @Test
  void logprobsComeForEachTokenAndWithEchoForThePrompt() {
    CompletionCreateParams.Builder params = params().maxTokens(4).temperature(0).logprobs(2);
    CompletionChoice.Logprobs plain =
        client.completions().create(params.build()).choices().get(0).logprobs().orElseThrow();
    assertEquals(4, plain.tokenLogprobs().orElseThrow().size());
    assertEquals(List.of(0L, 1L, 2L, 3L), plain.textOffset().orElseThrow());
    CompletionChoice echoed =
        client.completions().create(params.echo(true).build()).choices().get(0);
    assertTrue(echoed.text().startsWith(PROMPT));
    CompletionChoice.Logprobs all = echoed.logprobs().orElseThrow();
    assertEquals(PROMPT.length() + 4, all.tokens().orElseThrow().size());
    List<Double> known =
        all.tokenLogprobs().orElseThrow().subList(PROMPT.length(), PROMPT.length() + 4);
    assertEquals(plain.tokenLogprobs().orElseThrow(), known);
  }

  @Test
  void vllmsParametersReachTheModel() {
    CompletionCreateParams.Builder params = params().maxTokens(6).temperature(1).seed(2);
    String greedy =
        client
            .completions()
            .create(params().maxTokens(6).temperature(0).build())
            .choices()
            .get(0)
            .text();
    String likeliest =
        client
            .completions()
            .create(params.putAdditionalBodyProperty("top_k", JsonValue.from(1)).build())
            .choices()
            .get(0)
            .text();
    assertEquals(greedy, likeliest);
  }

  @Test
  void theModelIsListed() {
    Model only = client.models().list().data().get(0);
    assertEquals(HttpModel.NAME, only.id());
    assertEquals(only, client.models().retrieve(HttpModel.NAME));
    assertThrows(NotFoundException.class, () -> client.models().retrieve("another"));
  }

  @Test
  void mistakesAreTypedExceptionsThatNameTheParameter() {
    assertWrong("temperature", params().temperature(-1));
    assertWrong("top_p", params().topP(0));
    assertWrong("frequency_penalty", params().frequencyPenalty(3));
    assertWrong("n", params().n(1000));
    assertWrong("best_of", params().n(2).bestOf(1));
    assertWrong("suffix", params().suffix("the end"));
    assertWrong("prompt", params().prompt(""));
    assertWrong("prompt", params().prompt("x".repeat(HttpModel.CONTEXT + 1)));
    assertWrong("max_tokens", params().maxTokens(HttpModel.CONTEXT));
    assertWrong("prompt", params().promptOfArrayOfTokens(List.of(1L, 257L)));
    assertWrong(
        "tempreature", params().putAdditionalBodyProperty("tempreature", JsonValue.from(1)));
    assertThrows(
        NotFoundException.class,
        () -> client.completions().create(params().model("another").build()));
    OpenAIClient stranger = client("another key");
    assertThrows(
        UnauthorizedException.class, () -> stranger.completions().create(params().build()));
    stranger.close();
  }

  private static void assertWrong(String parameter, CompletionCreateParams.Builder params) {
    OpenAIServiceException e =
        assertThrows(BadRequestException.class, () -> client.completions().create(params.build()));
    assertEquals(parameter, e.param().orElseThrow(), e.getMessage());
    assertEquals("invalid_request_error", e.type().orElseThrow());
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(model.address() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static CompletionCreateParams.Builder params() {
    return CompletionCreateParams.builder().model(HttpModel.NAME).prompt(PROMPT);
  }
}
