package io.scone.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.corpus.CorpusException;
import io.scone.corpus.Documents;
import io.scone.progress.Progress;
import io.scone.tokenizer.ByteLevelBpe;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import it.unimi.dsi.fastutil.objects.Object2LongOpenHashMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
  @TempDir Path directory;

  @Test
  void mergesAreThoseOfRecountingAllPairsEachTime() {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      Object2LongOpenHashMap<String> words = new Object2LongOpenHashMap<>();
      for (int i = random.nextInt(30); i >= 0; i--) {
        StringBuilder word = new StringBuilder();
        for (int n = random.nextInt(12); n >= 0; n--) {
          word.append((char) ('a' + random.nextInt(1 + round % 4)));
        }
        words.put(word.toString(), 1 + random.nextInt(5));
      }
      List<int[]> expected = recount(words, 40);
      List<int[]> learnt = new MergeLearner(words).learn(40, Progress.NONE);
      assertEquals(
          expected.stream().map(Arrays::toString).toList(),
          learnt.stream().map(Arrays::toString).toList());
    }
  }

  @Test
  void textIsCutIntoWordsAsGpt2CutsIt() throws IOException {
    Map<String, Long> words =
        WordCounter.count(
            documents("I can't: we'll  see\u00a0\n\n 12 times!? can't"), 1, Progress.NONE);
    assertEquals(
        Map.ofEntries(
            Map.entry("I", 1L),
            Map.entry(" can", 2L),
            Map.entry("'t", 2L),
            Map.entry(":", 1L),
            Map.entry(" we", 1L),
            Map.entry("'ll", 1L),
            Map.entry(" ", 1L),
            Map.entry(" see", 1L),
            Map.entry("\u00a0\n\n", 1L),
            Map.entry(" 12", 1L),
            Map.entry(" times", 1L),
            Map.entry("!?", 1L)),
        words);
  }

  @Test
  void theVocabularyWorksAsATokenizer() throws IOException {
    String text =
        "the cat sat on the mat; that cat, née Käthe, spat at the rat 😀😀\r\n".repeat(20);
    ByteLevelBpe vocabulary = BpeTrainer.train(documents(text), 280, 2, Progress.NONE);
    assertEquals(280, vocabulary.vocabularySize());
    Path file = Files.write(directory.resolve("tokenizer.json"), vocabulary.toJson());
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      assertEquals(280, tokenizer.vocabularySize());
      assertEquals(279, tokenizer.endOfText());
      String other = text + "<|endoftext|> unseen wörds \0\uffff" + text;
      assertEquals(other, tokenizer.decode(tokenizer.encode(other)));
      assertTrue(tokenizer.encode(text).length * 2 < text.length());
      assertEquals(1, tokenizer.encode(" the").length);
    }
  }

  @Test
  void theResultDoesNotDependOnTheThreads() throws IOException {
    StringBuilder lines = new StringBuilder();
    Random random = new Random(4);
    for (int i = 0; i < 300; i++) {
      lines.append("{\"text\":\"");
      random.ints(50, 0, 400).forEach(n -> lines.append(' ').append(Integer.toString(n * n, 5)));
      lines.append("\"}\n");
    }
    Path file = Files.writeString(directory.resolve("lines.jsonl"), lines);
    Documents documents = Documents.of(List.of(file));
    assertArrayEquals(
        BpeTrainer.train(documents, 500, 1, Progress.NONE).toJson(),
        BpeTrainer.train(documents, 500, 4, Progress.NONE).toJson());
  }

  @Test
  void learnsFewerTokensWhereNothingIsLeftToMerge() throws IOException {
    assertEquals(
        BpeTrainer.MIN_VOCABULARY + 1,
        BpeTrainer.train(documents("ab ab cd"), 1000, 1, Progress.NONE).vocabularySize());
    assertThrows(
        IllegalArgumentException.class,
        () -> BpeTrainer.train(documents("text"), 256, 1, Progress.NONE));
    assertThrows(
        CorpusException.class, () -> BpeTrainer.train(documents(""), 300, 1, Progress.NONE));
  }

  private Documents documents(String text) throws IOException {
    return Documents.of(List.of(Files.writeString(directory.resolve("text.txt"), text)));
  }

  /** Learns merges the slow way: count all pairs, merge the best one, begin anew. */
  private static List<int[]> recount(Map<String, Long> counted, int limit) {
    byte[] alphabet = ByteLevelBpe.alphabet();
    Map<Integer, Integer> tokenOfByte = new HashMap<>();
    List<String> spellings = new ArrayList<>();
    for (int token = 0; token < alphabet.length; token++) {
      tokenOfByte.put((int) alphabet[token], token);
      spellings.add(new String(alphabet, token, 1, StandardCharsets.ISO_8859_1));
    }
    Map<List<Integer>, Long> words = new HashMap<>();
    counted.forEach(
        (word, count) -> words.put(word.chars().mapToObj(tokenOfByte::get).toList(), count));
    List<int[]> merges = new ArrayList<>();
    while (merges.size() < limit) {
      Map<List<Integer>, Long> pairs = new HashMap<>();
      words.forEach(
          (word, count) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
              pairs.merge(word.subList(i, i + 2), count, Long::sum);
            }
          });
      List<Integer> best =
          pairs.entrySet().stream()
              .filter(e -> e.getValue() >= 2)
              .filter(
                  e ->
                      !spellings.contains(
                          spellings.get(e.getKey().get(0)) + spellings.get(e.getKey().get(1))))
              .min(
                  Map.Entry.<List<Integer>, Long>comparingByValue()
                      .reversed()
                      .thenComparing(e -> e.getKey().get(0))
                      .thenComparing(e -> e.getKey().get(1)))
              .map(Map.Entry::getKey)
              .map(List::copyOf)
              .orElse(null);
      if (best == null) {
        break;
      }
      Map<List<Integer>, Long> before = new HashMap<>(words);
      words.clear();
      before.forEach(
          (word, count) -> {
            List<Integer> merged = new ArrayList<>();
            for (int i = 0; i < word.size(); i++) {
              if (i + 1 < word.size() && word.subList(i, i + 2).equals(best)) {
                merged.add(spellings.size());
                i++;
              } else {
                merged.add(word.get(i));
              }
            }
            words.merge(merged, count, Long::sum);
          });
      spellings.add(spellings.get(best.get(0)) + spellings.get(best.get(1)));
      merges.add(new int[] {best.get(0), best.get(1)});
    }
    return merges;
  }
}
