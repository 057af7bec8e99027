package io.scone.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens of byte-level BPE as ranks: of all neighbours in a word, those that together spell the
 * token of the lowest rank merge first. A token's rank is its number; spellings have one character
 * a byte.
 */
final class Ranks {
  private final Map<String, Integer> tokens;

  Ranks(Map<String, Integer> tokens) {
    this.tokens = tokens;
  }

  /**
   * Returns the ranks of a tokenizer.json that does exactly what merging by rank does: it is of
   * GPT-2's kind, and merging each token's bytes by the ranks before it leaves the two tokens of
   * its merge.
   */
  static Optional<Ranks> of(JsonNode tokenizer) {
    JsonNode model = tokenizer.path("model");
    if (!isGpt2sKind(tokenizer, model)) {
      return Optional.empty();
    }
    Map<String, Integer> tokens = new HashMap<>();
    for (Map.Entry<String, JsonNode> token : model.path("vocab").properties()) {
      Optional<String> bytes = ByteLevelBpe.bytesOf(token.getKey());
      if (bytes.isEmpty()) {
        return Optional.empty();
      }
      tokens.put(bytes.get(), token.getValue().asInt());
    }
    for (JsonNode special : tokenizer.path("added_tokens")) {
      tokens.remove(special.path("content").asText());
    }
    Ranks ranks = new Ranks(tokens);
    return ranks.areThoseOf(model.path("merges")) ? Optional.of(ranks) : Optional.empty();
  }

  /** Returns the two tokens that merging by lower ranks leaves of a token's spelling. */
  int[] parts(String spelling) {
    List<String> parts = merge(spelling, tokens.get(spelling));
    return parts.stream().mapToInt(tokens::get).toArray();
  }

  /** Returns an encoding by these ranks that also decodes a token that ends a text. */
  Encoding toEncoding(int endOfText) {
    IdentityHashMap<byte[], Integer> encoder = new IdentityHashMap<>();
    tokens.forEach(
        (spelling, token) -> encoder.put(spelling.getBytes(StandardCharsets.ISO_8859_1), token));
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    String name = "tokenizer.json";
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(
            name, ByteLevelBpe.WORD, encoder, Map.of(TokenizerJson.END_OF_TEXT, endOfText)));
    return registry.getEncoding(name).orElseThrow();
  }

  private static boolean isGpt2sKind(JsonNode tokenizer, JsonNode model) {
    JsonNode words = tokenizer.path("pre_tokenizer");
    boolean plain =
        model.path("type").asText().equals("BPE")
            && isUnset(model.path("dropout"))
            && isUnset(model.path("continuing_subword_prefix"))
            && isUnset(model.path("end_of_word_suffix"))
            && !model.path("ignore_merges").asBoolean()
            && isUnset(tokenizer.path("normalizer"))
            && tokenizer.path("decoder").path("type").asText().equals("ByteLevel");
    boolean cutAsGpt2Cuts =
        words.path("type").asText().equals("ByteLevel")
            && !words.path("add_prefix_space").asBoolean(true)
            && words.path("use_regex").asBoolean(true);
    if (!plain || !cutAsGpt2Cuts) {
      return false;
    }
    // One special token, the end of text: any other is decoded, or found in text, another way.
    JsonNode added = tokenizer.path("added_tokens");
    return added.size() == 1 && added.get(0).path("special").asBoolean();
  }

  private static boolean isUnset(JsonNode value) {
    return value.isMissingNode() || value.isNull() || value.equals(TextNode.valueOf(""));
  }

  private boolean areThoseOf(JsonNode merges) {
    for (byte b : ByteLevelBpe.alphabet()) {
      if (!tokens.containsKey(String.valueOf((char) (b & 0xff)))) {
        return false;
      }
    }
    int last = -1;
    for (JsonNode merge : merges) {
      // Older files join the two by a space, which no spelling holds.
      String[] pair =
          merge.isArray()
              ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
              : merge.asText().split(" ", 2);
      String left = ByteLevelBpe.bytesOf(pair[0]).orElse("");
      String right = ByteLevelBpe.bytesOf(pair[pair.length - 1]).orElse("");
      Integer token = tokens.get(left + right);
      if (token == null
          || token <= last
          || !merge(left + right, token).equals(List.of(left, right))) {
        return false;
      }
      last = token;
    }
    return merges.size() == tokens.size() - ByteLevelBpe.ALPHABET_SIZE;
  }

  /** Merges the bytes of a spelling by the ranks lower than one. */
  private List<String> merge(String spelling, int rank) {
    List<String> parts = new ArrayList<>(spelling.length());
    for (int i = 0; i < spelling.length(); i++) {
      parts.add(spelling.substring(i, i + 1));
    }
    while (true) {
      int lowest = rank;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int token = tokens.getOrDefault(parts.get(i) + parts.get(i + 1), rank);
        if (token < lowest) {
          lowest = token;
          at = i;
        }
      }
      if (at < 0) {
        return parts;
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
  }
}
