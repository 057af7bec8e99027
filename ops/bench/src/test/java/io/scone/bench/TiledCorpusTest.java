package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TiledCorpusTest {
  @TempDir private Path directory;
  private TokenCorpus corpus;

  @BeforeEach
  void writeCorpus() throws IOException {
    Random random = new Random(1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      StringBuilder line = new StringBuilder();
      for (int word = 0; word < 200; word++) {
        line.append(' ').append((int) (20_000 * Math.pow(random.nextDouble(), 4)));
      }
      lines.add("{\"text\":\"" + line + "\"}");
    }
    Path text = Files.write(directory.resolve("text.jsonl"), lines);
    Path tokens = directory.resolve("text.tokens");
    try (Tokenizer tokenizer = Tokenizers.gpt2()) {
      CorpusTokenizer.tokenize(Documents.of(List.of(text)), tokenizer, tokens, 1, Progress.NONE);
    }
    corpus = TokenCorpus.open(tokens);
  }

  @Test
  void aSmallerCorpusIsASampleOfTheDocuments() throws IOException {
    int[] tokens = tokens(tiled(corpus.tokenCount() / 3));
    assertEquals(corpus.tokenCount() / 3, tokens.length);
    assertTrue(corpus.documentCount() / 3.0 > documents(tokens).size() / 1.5);
    Map<String, Integer> all = documents(tokens(corpus));
    List<String> sampled = new ArrayList<>(documents(tokens).keySet());
    assertTrue(all.keySet().containsAll(sampled.subList(0, sampled.size() - 1)));
    assertEquals(-1, Arrays.mismatch(tokens, tokens(tiled(tokens.length))));
  }

  @Test
  void aCopyHasTheShapeOfTheCorpusInOtherWords() throws IOException {
    int size = (int) corpus.tokenCount();
    int[] tokens = tokens(tiled(3L * size));
    assertEquals(3 * size, tokens.length);
    int[] first = Arrays.copyOf(tokens, size);
    int[] second = Arrays.copyOfRange(tokens, size, 2 * size);
    int[] third = Arrays.copyOfRange(tokens, 2 * size, 3 * size);
    assertEquals(documents(tokens(corpus)).keySet(), documents(first).keySet());
    for (int[][] pair : new int[][][] {{first, second}, {first, third}, {second, third}}) {
      int same = 0;
      Map<Integer, Integer> renamed = new HashMap<>();
      for (int i = 0; i < size; i++) {
        same += pair[0][i] == pair[1][i] ? 1 : 0;
        Integer before = renamed.put(pair[0][i], pair[1][i]);
        assertTrue(before == null || before == pair[1][i], "a token has one name in a copy");
      }
      assertEquals(renamed.size(), renamed.values().stream().distinct().count());
      assertTrue(same > size / 10 && same < size * 9 / 10, same + " of " + size);
    }
  }

  private TokenCorpus tiled(long size) throws IOException {
    Path file = directory.resolve("tiled.tokens");
    TiledCorpus.write(corpus, size, file, Progress.NONE);
    return TokenCorpus.open(file);
  }

  private Map<String, Integer> documents(int[] tokens) {
    Map<String, Integer> documents = new LinkedHashMap<>();
    int begin = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == corpus.endOfText()) {
        documents.merge(Arrays.toString(Arrays.copyOfRange(tokens, begin, i)), 1, Integer::sum);
        begin = i + 1;
      }
    }
    return documents;
  }

  private static int[] tokens(TokenCorpus corpus) {
    int[] tokens = new int[(int) corpus.tokenCount()];
    corpus.read(0, tokens, 0, tokens.length);
    return tokens;
  }
}
