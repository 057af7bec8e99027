package io.scone.cli;

import io.scone.bpe.BpeTrainer;
import io.scone.files.AtomicFiles;
import io.scone.manifest.Fingerprint;
import io.scone.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone tokenizer train}. */
@Command(
    name = "train",
    description = "Learns a byte-level BPE vocabulary from text and writes its tokenizer.json.")
final class TokenizerTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private CorpusOptions corpus;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      defaultValue = "8192",
      description = "Tokens to learn, the 256 bytes and the end-of-text token included.")
  private int vocabulary;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The tokenizer.json to write.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (vocabulary < BpeTrainer.MIN_VOCABULARY) {
      throw new ParameterException(
          spec.commandLine(),
          "--vocabulary must be at least " + BpeTrainer.MIN_VOCABULARY + ", not " + vocabulary);
    }
    long begun = System.nanoTime();
    ByteLevelBpe learnt =
        BpeTrainer.train(corpus.documents(), vocabulary, corpus.threads(), common.progress());
    byte[] json = learnt.toJson();
    Outputs.prepare(out);
    AtomicFiles.write(out, json);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("tokenizer", out.toString());
    result.put("vocabulary", learnt.vocabularySize());
    result.put("fingerprint", new Fingerprint().update(json).finish());
    result.put("seconds", Outputs.secondsSince(begun));
    common.console().result(result);
    return 0;
  }
}
