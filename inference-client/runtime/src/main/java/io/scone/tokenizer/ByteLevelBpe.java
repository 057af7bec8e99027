package io.scone.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A byte-level BPE vocabulary, GPT-2's kind: a token for each byte, one for what each merge makes,
 * and at last the end-of-text token.
 */
public final class ByteLevelBpe {
  /** The tokens of single bytes, with which every vocabulary begins. */
  public static final int ALPHABET_SIZE = 256;

  /**
   * A word: an English contraction, or letters, digits or signs after at most one space, or white
   * space. Merges stay within words.
   */
  public static final Pattern WORD =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /*
   * In the file each byte of a token is one printable character: itself where it is printable in
   * Latin-1, the next free one from U+0100 where it is not. The printable bytes are also the first
   * tokens of GPT-2's vocabulary.
   */
  private static final char[] CHARACTERS = new char[ALPHABET_SIZE];
  private static final byte[] ALPHABET = new byte[ALPHABET_SIZE];

  static {
    int next = 0;
    for (int b = 0; b < ALPHABET_SIZE; b++) {
      if (isPrintable(b)) {
        CHARACTERS[b] = (char) b;
        ALPHABET[next++] = (byte) b;
      }
    }
    char free = 0x100;
    for (int b = 0; b < ALPHABET_SIZE; b++) {
      if (!isPrintable(b)) {
        CHARACTERS[b] = free++;
        ALPHABET[next++] = (byte) b;
      }
    }
  }

  /** Where a character stands here, there is its byte. */
  private static final String BYTES = new String(CHARACTERS);

  private final List<byte[]> tokens;
  private final List<int[]> merges;

  /**
   * Makes the vocabulary of merges.
   *
   * @param merges the two tokens that each merge joins; merge i makes token 256 + i
   */
  public ByteLevelBpe(List<int[]> merges) {
    this.merges = List.copyOf(merges);
    this.tokens = new ArrayList<>(ALPHABET_SIZE + merges.size());
    for (byte b : ALPHABET) {
      tokens.add(new byte[] {b});
    }
    for (int[] merge : merges) {
      tokens.add(join(tokens.get(merge[0]), tokens.get(merge[1])));
    }
  }

  /** Returns the number of tokens, the end-of-text token included. */
  public int vocabularySize() {
    return tokens.size() + 1;
  }

  /** Returns the byte of each of the first 256 tokens. */
  public static byte[] alphabet() {
    return ALPHABET.clone();
  }

  /** Returns a Hugging Face tokenizer.json; equal vocabularies give equal bytes. */
  public byte[] toJson() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("version", "1.0");
      json.writeNullField("truncation");
      json.writeNullField("padding");
      writeAddedTokens(json, tokens.size());
      json.writeNullField("normalizer");
      json.writeFieldName("pre_tokenizer");
      writeByteLevel(json);
      json.writeNullField("post_processor");
      json.writeFieldName("decoder");
      writeByteLevel(json);
      writeModel(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }

  private static void writeAddedTokens(JsonGenerator json, int endOfText) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    json.writeStartObject();
    json.writeNumberField("id", endOfText);
    json.writeStringField("content", TokenizerJson.END_OF_TEXT);
    json.writeBooleanField("single_word", false);
    json.writeBooleanField("lstrip", false);
    json.writeBooleanField("rstrip", false);
    json.writeBooleanField("normalized", false);
    json.writeBooleanField("special", true);
    json.writeEndObject();
    json.writeEndArray();
  }

  private static void writeByteLevel(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", true);
    json.writeEndObject();
  }

  private void writeModel(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("model");
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    json.writeNullField("unk_token");
    json.writeNullField("continuing_subword_prefix");
    json.writeNullField("end_of_word_suffix");
    json.writeBooleanField("fuse_unk", false);
    json.writeBooleanField("byte_fallback", false);
    json.writeObjectFieldStart("vocab");
    for (int token = 0; token < tokens.size(); token++) {
      json.writeNumberField(spell(tokens.get(token)), token);
    }
    json.writeNumberField(TokenizerJson.END_OF_TEXT, tokens.size());
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    for (int[] merge : merges) {
      json.writeString(spell(tokens.get(merge[0])) + " " + spell(tokens.get(merge[1])));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String spell(byte[] token) {
    StringBuilder characters = new StringBuilder(token.length);
    for (byte b : token) {
      characters.append(CHARACTERS[b & 0xff]);
    }
    return characters.toString();
  }

  /** Returns the bytes, one character each, of a token as it is spelled in a file, if it can be. */
  static Optional<String> bytesOf(String spelling) {
    StringBuilder bytes = new StringBuilder(spelling.length());
    for (int i = 0; i < spelling.length(); i++) {
      int b = BYTES.indexOf(spelling.charAt(i));
      if (b < 0) {
        return Optional.empty();
      }
      bytes.append((char) b);
    }
    return Optional.of(bytes.toString());
  }

  private static byte[] join(byte[] left, byte[] right) {
    byte[] joined = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, joined, left.length, right.length);
    return joined;
  }

  private static boolean isPrintable(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
  }
}
