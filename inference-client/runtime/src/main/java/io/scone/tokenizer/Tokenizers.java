package io.scone.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The tokenizers that Scone knows: GPT-2's, which is built in, and any tokenizer.json. */
public final class Tokenizers {
  /** The name of the built-in tokenizer. */
  public static final String GPT2 = "gpt2";

  private Tokenizers() {}

  /** Returns the tokenizer of a name: {@value #GPT2}, or else the path of a tokenizer.json. */
  public static Tokenizer of(String nameOrPath) throws IOException {
    return nameOrPath.equals(GPT2) ? gpt2() : load(Path.of(nameOrPath));
  }

  /** Returns GPT-2's tokenizer: 50,257 tokens, the last of which ends a text. */
  public static Tokenizer gpt2() {
    return Gpt2.TOKENIZER;
  }

  /**
   * Loads a Hugging Face tokenizer.json that holds the added token {@code <|endoftext|>}.
   *
   * @throws TokenizerException if the file is missing, not a tokenizer or without that token
   */
  public static Tokenizer load(Path tokenizerJson) throws IOException {
    if (Files.isDirectory(tokenizerJson)) {
      throw new TokenizerException(
          "the tokenizer '"
              + tokenizerJson
              + "' is a directory: give the path of a tokenizer.json");
    }
    byte[] json;
    try {
      json = Files.readAllBytes(tokenizerJson);
    } catch (NoSuchFileException e) {
      throw new TokenizerException(
          "there is no tokenizer '"
              + tokenizerJson
              + "': give the path of a tokenizer.json, or "
              + GPT2,
          e);
    }
    TokenizerJson parsed = TokenizerJson.parse(json, tokenizerJson.toString());
    if (parsed.ranks().isPresent()) {
      return new RankTokenizer(
          parsed.ranks().get().toEncoding(parsed.endOfText()),
          parsed.vocabularySize(),
          parsed.endOfText(),
          () -> json);
    }
    return new NativeTokenizer(tokenizerJson.toString(), json, parsed);
  }
}
