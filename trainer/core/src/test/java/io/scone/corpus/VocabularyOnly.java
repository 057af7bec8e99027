package io.scone.corpus;

import io.scone.tokenizer.Tokenizer;

/** A tokenizer of which a writer only asks the vocabulary. */
public record VocabularyOnly(int vocabularySize) implements Tokenizer {
  @Override
  public int[] encode(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String decode(int[] tokens, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int endOfText() {
    return vocabularySize - 1;
  }

  @Override
  public byte[] json() {
    return new byte[0];
  }

  @Override
  public void close() {}
}
