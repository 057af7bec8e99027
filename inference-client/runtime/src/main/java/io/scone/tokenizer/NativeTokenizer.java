package io.scone.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A tokenizer.json run by Hugging Face's native library. */
final class NativeTokenizer implements Tokenizer {
  /*
   * This calls the native functions below DJL's HuggingFaceTokenizer: that class builds strings,
   * spans and masks for every token, which is many times the work and memory of the tokens alone,
   * and reports its use over the network.
   */

  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  private final String source;
  private final byte[] json;
  private final int vocabularySize;
  private final int endOfText;
  private final long handle;
  // Encoding after the native memory is freed would crash the process instead of throwing.
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Loads a tokenizer.
   *
   * @param source where the file came from, for messages
   * @param json the bytes of a tokenizer.json
   * @param parsed what they say
   */
  NativeTokenizer(String source, byte[] json, TokenizerJson parsed) throws TokenizerException {
    this.source = source;
    this.json = json;
    this.vocabularySize = parsed.vocabularySize();
    this.endOfText = parsed.endOfText();
    // Without this DJL downloads a build for CUDA where it sees a GPU; its jar has the one for
    // CPUs.
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    try {
      LibUtils.checkStatus();
    } catch (RuntimeException | LinkageError e) {
      throw new TokenizerException(
          "the native tokenizer library does not load (it unpacks itself to ~/.djl.ai, or to"
              + " DJL_CACHE_DIR): "
              + e,
          e);
    }
    try {
      handle = LIBRARY.createTokenizerFromString(parsed.textOnly());
    } catch (RuntimeException e) {
      throw new TokenizerException(
          source + " is not a tokenizer.json that works: " + e.getMessage(), e);
    }
  }

  @Override
  public int[] encode(String text) {
    lock.readLock().lock();
    try {
      checkOpen();
      long encoding = LIBRARY.encode(handle, text, false);
      try {
        return toInts(LIBRARY.getTokenIds(encoding));
      } finally {
        LIBRARY.deleteEncoding(encoding);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public String decode(int[] tokens, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, tokens.length);
    long[] ids = new long[length];
    for (int i = 0; i < length; i++) {
      ids[i] = Tokens.check(tokens[offset + i], vocabularySize);
    }
    lock.readLock().lock();
    try {
      checkOpen();
      return LIBRARY.decode(handle, ids, false);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public int endOfText() {
    return endOfText;
  }

  @Override
  public byte[] json() {
    return json.clone();
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        LIBRARY.deleteTokenizer(handle);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the tokenizer " + source + " is closed");
    }
  }

  private static int[] toInts(long[] ids) {
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = (int) ids[i];
    }
    return tokens;
  }
}
