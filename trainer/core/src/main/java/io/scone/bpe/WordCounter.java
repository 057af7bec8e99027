package io.scone.bpe;

import io.scone.concurrent.Workers;
import io.scone.corpus.CorpusException;
import io.scone.corpus.DocumentReader;
import io.scone.corpus.Documents;
import io.scone.progress.Progress;
import io.scone.tokenizer.ByteLevelBpe;
import it.unimi.dsi.fastutil.objects.Object2LongOpenHashMap;
import java.io.IOException;
import java.util.regex.Matcher;

/** Counts the words of documents, as GPT-2 cuts text into words. */
final class WordCounter {
  private final DocumentReader reader;
  private final Progress progress;
  private long reported;

  private WordCounter(DocumentReader reader, Progress progress) {
    this.reader = reader;
    this.progress = progress;
  }

  static Object2LongOpenHashMap<String> count(Documents documents, int threads, Progress progress)
      throws IOException {
    progress.begin("counting words", documents.bytes(), "bytes");
    try (DocumentReader reader = documents.read()) {
      WordCounter counter = new WordCounter(reader, progress);
      Object2LongOpenHashMap<String> words =
          Workers.run(threads, counter::countSome).stream().reduce(WordCounter::add).orElseThrow();
      if (words.isEmpty()) {
        throw CorpusException.empty();
      }
      progress.end();
      return words;
    }
  }

  private Object2LongOpenHashMap<String> countSome() throws IOException {
    Object2LongOpenHashMap<String> words = new Object2LongOpenHashMap<>();
    for (String text = next(); text != null; text = next()) {
      Matcher word = ByteLevelBpe.WORD.matcher(text);
      while (word.find()) {
        words.addTo(word.group(), 1);
      }
    }
    return words;
  }

  private synchronized String next() throws IOException {
    String text = reader.next();
    progress.advance(reader.bytesRead() - reported);
    reported = reader.bytesRead();
    return text;
  }

  private static Object2LongOpenHashMap<String> add(
      Object2LongOpenHashMap<String> all, Object2LongOpenHashMap<String> part) {
    part.object2LongEntrySet().fastForEach(e -> all.addTo(e.getKey(), e.getLongValue()));
    return all;
  }
}
