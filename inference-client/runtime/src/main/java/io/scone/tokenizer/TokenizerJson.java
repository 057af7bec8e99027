package io.scone.tokenizer;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/**
 * What a Hugging Face tokenizer.json says.
 *
 * @param textOnly the same tokenizer without truncation, padding, additions and special tokens: it
 *     takes every text as ordinary text
 * @param ranks the tokenizer as ranks, if that says all
 * @param vocabularySize the exclusive bound of the tokens, added ones included
 * @param endOfText the token {@value #END_OF_TEXT}
 */
record TokenizerJson(String textOnly, Optional<Ranks> ranks, int vocabularySize, int endOfText) {
  static final String END_OF_TEXT = "<|endoftext|>";

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Parses the bytes of a file; {@code source} names it in messages. */
  static TokenizerJson parse(byte[] bytes, String source) throws IOException {
    JsonNode root;
    try {
      root = MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw new TokenizerException(
          source + " is not a tokenizer.json: " + e.getOriginalMessage(), e);
    }
    if (!(root instanceof ObjectNode tokenizer)
        || !(root.path("model") instanceof ObjectNode model)) {
      throw new TokenizerException(source + " is not a tokenizer.json: it has no model");
    }
    Optional<Ranks> ranks = Ranks.of(tokenizer);
    JsonNode vocabulary = model.path("vocab");
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        size = Math.max(size, id.asInt() + 1);
      }
    }
    int endOfText = -1;
    ArrayNode ordinary = MAPPER.createArrayNode();
    for (JsonNode added : tokenizer.path("added_tokens")) {
      String content = added.path("content").asText();
      int id = added.path("id").asInt();
      size = Math.max(size, id + 1);
      boolean ends = content.equals(END_OF_TEXT);
      endOfText = ends ? id : endOfText;
      if (!ends && !added.path("special").asBoolean()) {
        ordinary.add(added);
      } else if (vocabulary instanceof ObjectNode tokens) {
        // Decoding still knows it, and the tokens added after it keep their numbers.
        tokens.put(content, id);
      }
    }
    if (endOfText < 0) {
      throw new TokenizerException(
          source
              + " has no added token "
              + END_OF_TEXT
              + ", which must end every document: add it to the tokenizer");
    }
    tokenizer.putNull("truncation").putNull("padding").putNull("post_processor");
    tokenizer.set("added_tokens", ordinary);
    return new TokenizerJson(MAPPER.writeValueAsString(tokenizer), ranks, size, endOfText);
  }
}
