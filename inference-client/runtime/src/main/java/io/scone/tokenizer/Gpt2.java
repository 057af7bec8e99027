package io.scone.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** GPT-2's tokenizer, which JTokkit carries. */
final class Gpt2 {
  private static final int END_OF_TEXT = 50_256;

  private static final Encoding ENCODING =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

  /** One for the whole process: it holds nothing that is to be freed. */
  static final Tokenizer TOKENIZER =
      new RankTokenizer(ENCODING, END_OF_TEXT + 1, END_OF_TEXT, () -> Json.BYTES);

  private Gpt2() {}

  /** Made on first use: many users of the tokenizer never ask for its file. */
  private static final class Json {
    static final byte[] BYTES = new ByteLevelBpe(merges()).toJson();
  }

  /** Returns the merges: JTokkit knows a token's rank but not the merge that makes it. */
  private static List<int[]> merges() {
    Map<String, Integer> tokens = new HashMap<>();
    List<String> spellings = new ArrayList<>(END_OF_TEXT);
    for (int token = 0; token < END_OF_TEXT; token++) {
      IntArrayList one = new IntArrayList(1);
      one.add(token);
      spellings.add(new String(ENCODING.decodeBytes(one), StandardCharsets.ISO_8859_1));
      tokens.put(spellings.get(token), token);
    }
    Ranks ranks = new Ranks(tokens);
    return spellings.subList(ByteLevelBpe.ALPHABET_SIZE, END_OF_TEXT).stream()
        .map(ranks::parts)
        .toList();
  }
}
