package io.scone.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import io.scone.manifest.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** GPT-2's tokenizer, run by JTokkit, which carries its ranks. */
final class Gpt2Tokenizer implements Tokenizer {
  private static final int END_OF_TEXT = 50_256;

  private final Encoding encoding =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

  private Gpt2Tokenizer() {}

  static Gpt2Tokenizer instance() {
    return Instance.ONLY;
  }

  @Override
  public int[] encode(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  @Override
  public String decode(int[] tokens, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, tokens.length);
    IntArrayList list = new IntArrayList(length);
    for (int i = offset; i < offset + length; i++) {
      list.add(Tokens.check(tokens[i], vocabularySize()));
    }
    return new String(encoding.decodeBytes(list), StandardCharsets.UTF_8);
  }

  @Override
  public int vocabularySize() {
    return END_OF_TEXT + 1;
  }

  @Override
  public int endOfText() {
    return END_OF_TEXT;
  }

  @Override
  public byte[] json() {
    return Json.BYTES.clone();
  }

  @Override
  public String fingerprint() {
    return Json.FINGERPRINT;
  }

  /** Nothing to free: the one instance serves as long as the process lives. */
  @Override
  public void close() {}

  /** Returns the tokenizer.json: JTokkit knows a token's rank but not the merge that makes it. */
  private byte[] toJson() {
    List<String> spellings = new ArrayList<>(END_OF_TEXT);
    Map<String, Integer> ranks = new HashMap<>();
    for (int token = 0; token < END_OF_TEXT; token++) {
      IntArrayList one = new IntArrayList(1);
      one.add(token);
      // One character a byte: a string can be cut and be a key.
      spellings.add(new String(encoding.decodeBytes(one), StandardCharsets.ISO_8859_1));
      ranks.put(spellings.get(token), token);
    }
    List<int[]> merges = new ArrayList<>(END_OF_TEXT - ByteLevelBpe.ALPHABET_SIZE);
    for (int token = ByteLevelBpe.ALPHABET_SIZE; token < END_OF_TEXT; token++) {
      merges.add(merge(spellings.get(token), token, ranks));
    }
    return new ByteLevelBpe(merges).toJson();
  }

  /** Returns the two tokens that merging by the ranks before {@code token} leaves of its bytes. */
  private static int[] merge(String bytes, int token, Map<String, Integer> ranks) {
    List<String> parts = new ArrayList<>(bytes.length());
    for (int i = 0; i < bytes.length(); i++) {
      parts.add(bytes.substring(i, i + 1));
    }
    while (parts.size() > 2) {
      int best = token;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int rank = ranks.getOrDefault(parts.get(i) + parts.get(i + 1), token);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
    return new int[] {ranks.get(parts.get(0)), ranks.get(parts.get(1))};
  }

  /** Loaded on first use: reading the ranks takes a moment. */
  private static final class Instance {
    static final Gpt2Tokenizer ONLY = new Gpt2Tokenizer();
  }

  /** Loaded on first use: most users of the tokenizer never ask for its file. */
  private static final class Json {
    static final byte[] BYTES = Instance.ONLY.toJson();
    static final String FINGERPRINT = new Fingerprint().update(BYTES).finish();
  }
}
