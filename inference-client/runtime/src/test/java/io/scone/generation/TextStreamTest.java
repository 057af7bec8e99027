package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextStreamTest {
  private static final String[] FRAGMENTS = {
    "a", " the", "é", "日本語", "😀", "👩‍👩‍👧‍👦", "\uFFFD", "\n", " 🇦🇶", "क\u094dष"
  };

  private final Tokenizer tokenizer = Tokenizers.gpt2();

  @Test
  void piecesOfTextHoldWholeCharactersOnly() {
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) {
        text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
      }
      TextStream stream = new TextStream(tokenizer);
      StringBuilder streamed = new StringBuilder();
      for (int token : tokenizer.encode(text.toString())) {
        String piece = stream.append(token);
        assertFalse(
            !piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
        streamed.append(piece);
        assertEquals(text.substring(0, streamed.length()), streamed.toString());
      }
      assertEquals(text.toString(), streamed + stream.finish());
    }
  }

  @Test
  void tokensThatAreNoTextComeOutAsTheyDecode() {
    Random random = new Random(2);
    for (int round = 0; round < 300; round++) {
      // The first 256 tokens are single bytes: most of these sequences are not UTF-8.
      int[] tokens = random.ints(1 + random.nextInt(30), 0, 256).toArray();
      TextStream stream = new TextStream(tokenizer);
      StringBuilder streamed = new StringBuilder();
      for (int token : tokens) {
        streamed.append(stream.append(token));
      }
      assertEquals(tokenizer.decode(tokens), streamed + stream.finish());
    }
  }

  @Test
  void plainTextIsNotHeldBack() {
    TextStream stream = new TextStream(tokenizer);
    for (int token : tokenizer.encode("Nothing here waits for anything.")) {
      assertEquals(tokenizer.decode(token), stream.append(token));
    }
    assertEquals("", stream.finish());
  }
}
