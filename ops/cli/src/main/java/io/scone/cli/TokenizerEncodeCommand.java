package io.scone.cli;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.corpus.TokenCorpus;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scone tokenizer encode}. */
@Command(name = "encode", description = "Turns text into a .tokens file, for mining and training.")
final class TokenizerEncodeCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private CorpusOptions corpus;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "TOKENIZER",
      description = "A tokenizer.json, or gpt2.")
  private String tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The .tokens file to write.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    long begun = System.nanoTime();
    Documents documents = corpus.documents();
    Outputs.prepare(out);
    try (Tokenizer encoder = Tokenizers.of(tokenizer)) {
      CorpusTokenizer.tokenize(documents, encoder, out, corpus.threads(), common.progress());
    }
    TokenCorpus tokens = TokenCorpus.open(out);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("tokens_file", out.toString());
    result.put("documents", tokens.documentCount());
    result.put("tokens", tokens.tokenCount());
    result.put("words", tokens.words());
    result.put("utf8_bytes", tokens.utf8Bytes());
    result.put("bytes_per_token", (double) tokens.utf8Bytes() / tokens.tokenCount());
    result.put("seconds", Outputs.secondsSince(begun));
    common.console().result(result);
    return 0;
  }
}
