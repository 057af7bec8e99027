package io.scone.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.TableSelector;
import java.io.IOException;
import java.util.List;

/**
 * Writes the requests that take tokens, as protobuf and straight from the callers' arrays: once, so
 * that further attempts cost no encoding and the arrays are free once a call is under way.
 */
final class RequestEncoder {
  private RequestEncoder() {}

  /** Returns the bytes of a {@link MatchRequest} for some windows. */
  static byte[] match(TableSelector selector, List<TokenWindows.Window> windows) {
    int tokens = 0;
    int lengths = 0;
    int contexts = 0;
    int continuations = 0;
    boolean continued = false;
    for (TokenWindows.Window window : windows) {
      tokens += size(window.tokens, window.offset, window.length);
      lengths += CodedOutputStream.computeUInt32SizeNoTag(window.length);
      contexts += CodedOutputStream.computeUInt32SizeNoTag(window.context);
      continuations += CodedOutputStream.computeUInt32SizeNoTag(window.continuations);
      continued |= window.continuations > 0;
    }
    if (!continued) {
      continuations = 0; // the field is absent
    }
    byte[] request =
        new byte
            [CodedOutputStream.computeMessageSize(MatchRequest.SELECTOR_FIELD_NUMBER, selector)
                + packedSize(MatchRequest.TOKENS_FIELD_NUMBER, tokens)
                + packedSize(MatchRequest.WINDOW_LENGTHS_FIELD_NUMBER, lengths)
                + packedSize(MatchRequest.CONTEXT_LENGTHS_FIELD_NUMBER, contexts)
                + packedSize(MatchRequest.CONTINUATIONS_FIELD_NUMBER, continuations)];
    CodedOutputStream out = CodedOutputStream.newInstance(request);
    try {
      out.writeMessage(MatchRequest.SELECTOR_FIELD_NUMBER, selector);
      writePackedHead(out, MatchRequest.TOKENS_FIELD_NUMBER, tokens);
      for (TokenWindows.Window window : windows) {
        write(out, window.tokens, window.offset, window.length);
      }
      writePackedHead(out, MatchRequest.WINDOW_LENGTHS_FIELD_NUMBER, lengths);
      for (TokenWindows.Window window : windows) {
        out.writeUInt32NoTag(window.length);
      }
      writePackedHead(out, MatchRequest.CONTEXT_LENGTHS_FIELD_NUMBER, contexts);
      for (TokenWindows.Window window : windows) {
        out.writeUInt32NoTag(window.context);
      }
      writePackedHead(out, MatchRequest.CONTINUATIONS_FIELD_NUMBER, continuations);
      if (continued) {
        for (TokenWindows.Window window : windows) {
          out.writeUInt32NoTag(window.continuations);
        }
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw changed(e);
    }
    return request;
  }

  /** Returns the bytes of a {@link StreamMatchRequest} around those of a {@link MatchRequest}. */
  static byte[] streamed(byte[] match) {
    int field = StreamMatchRequest.REQUEST_FIELD_NUMBER;
    byte[] request = new byte[CodedOutputStream.computeByteArraySize(field, match)];
    CodedOutputStream out = CodedOutputStream.newInstance(request);
    try {
      out.writeByteArray(field, match); // a message is written as its bytes are
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new AssertionError("an array takes what it has room for", e);
    }
    return request;
  }

  /** Returns the bytes of a {@link LookupRequest}, which are a ContainsRequest's too. */
  static byte[] fgrams(TableSelector selector, List<int[]> fgrams) {
    int tokens = 0;
    int lengths = 0;
    for (int[] fgram : fgrams) {
      tokens += size(fgram, 0, fgram.length);
      lengths += CodedOutputStream.computeUInt32SizeNoTag(fgram.length);
    }
    byte[] request =
        new byte
            [CodedOutputStream.computeMessageSize(LookupRequest.SELECTOR_FIELD_NUMBER, selector)
                + packedSize(LookupRequest.TOKENS_FIELD_NUMBER, tokens)
                + packedSize(LookupRequest.LENGTHS_FIELD_NUMBER, lengths)];
    CodedOutputStream out = CodedOutputStream.newInstance(request);
    try {
      out.writeMessage(LookupRequest.SELECTOR_FIELD_NUMBER, selector);
      writePackedHead(out, LookupRequest.TOKENS_FIELD_NUMBER, tokens);
      for (int[] fgram : fgrams) {
        write(out, fgram, 0, fgram.length);
      }
      writePackedHead(out, LookupRequest.LENGTHS_FIELD_NUMBER, lengths);
      for (int[] fgram : fgrams) {
        out.writeUInt32NoTag(fgram.length);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw changed(e);
    }
    return request;
  }

  private static int size(int[] tokens, int offset, int length) {
    int size = 0;
    for (int i = offset; i < offset + length; i++) {
      size += CodedOutputStream.computeUInt32SizeNoTag(tokens[i]);
    }
    return size;
  }

  private static void write(CodedOutputStream out, int[] tokens, int offset, int length)
      throws IOException {
    for (int i = offset; i < offset + length; i++) {
      out.writeUInt32NoTag(tokens[i]);
    }
  }

  private static int packedSize(int field, int size) {
    return size == 0 // an empty field is absent
        ? 0
        : CodedOutputStream.computeTagSize(field)
            + CodedOutputStream.computeUInt32SizeNoTag(size)
            + size;
  }

  private static void writePackedHead(CodedOutputStream out, int field, int size)
      throws IOException {
    if (size > 0) {
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size);
    }
  }

  /** The array has room for the numbers that were counted, so they are not the same any more. */
  private static IllegalStateException changed(IOException e) {
    return new IllegalStateException("tokens changed while their request was written", e);
  }
}
