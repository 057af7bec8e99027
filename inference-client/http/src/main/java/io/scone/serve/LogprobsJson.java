package io.scone.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.generation.TokenLogprobs;
import io.scone.tokenizer.Tokenizer;
import java.util.List;

/** The log-probabilities of one choice in OpenAI's form, in parts as the choice goes on. */
final class LogprobsJson {
  private final Tokenizer tokenizer;
  private int offset;

  LogprobsJson(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Returns the next tokens; their text offsets go on from those before. */
  ObjectNode next(List<TokenLogprobs> tokens) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode texts = json.putArray("tokens");
    ArrayNode logprobs = json.putArray("token_logprobs");
    ArrayNode tops = json.putArray("top_logprobs");
    ArrayNode offsets = json.putArray("text_offset");
    for (TokenLogprobs each : tokens) {
      String text = tokenizer.decode(each.token());
      texts.add(text);
      offsets.add(offset);
      offset += text.length();
      if (Double.isNaN(each.logprob())) { // nothing predicts the first token of a prompt
        logprobs.addNull();
        tops.addNull();
      } else {
        logprobs.add(each.logprob());
        tops.add(top(text, each));
      }
    }
    return json;
  }

  private ObjectNode top(String text, TokenLogprobs token) {
    ObjectNode top = JsonNodeFactory.instance.objectNode();
    for (TokenLogprobs.Candidate each : token.top()) {
      String candidate = tokenizer.decode(each.token());
      if (!top.has(candidate)) { // bytes that are no text look alike; the likeliest counts
        top.put(candidate, each.logprob());
      }
    }
    if (!top.has(text)) {
      top.put(text, token.logprob());
    }
    return top;
  }
}
