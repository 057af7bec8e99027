package io.scone.bench.micro;

import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.mining.FgramFile;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The text and the f-grams of a prepared directory. */
@State(Scope.Benchmark)
public class PreparedText {
  /** The directory; the command sets it. */
  @Param("benchmark")
  public String directory;

  int[] tokens;
  FgramIndex index;

  @Setup
  public void read() throws IOException {
    TokenCorpus corpus = TokenCorpus.open(Path.of(directory, "asked.tokens"));
    tokens = new int[Math.toIntExact(corpus.tokenCount())];
    corpus.read(0, tokens, 0, tokens.length);
    index = FgramFile.open(Path.of(directory, "fgrams.bin")).index();
  }
}
