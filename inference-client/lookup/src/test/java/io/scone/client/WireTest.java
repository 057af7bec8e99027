package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.ReadableBuffers;
import io.scone.v1.ContainsRequest;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.RowType;
import io.scone.v1.TableSelector;
import io.scone.v1.TableVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What the client writes and reads is what the generated messages write and read. */
class WireTest {
  private static final int UNKNOWN_FIELD = 900;

  @Property
  void aMatchReplyIsReadAsTheGeneratedMessageIs(@ForAll Random random) throws IOException {
    byte[] bytes = matchResponse(random);
    assertSame(MatchResponse.parseFrom(bytes), Methods.MATCH.parseResponse(stream(bytes, random)));
  }

  @Property
  void aLookupReplyIsReadAsTheGeneratedMessageIs(@ForAll Random random) throws IOException {
    byte[] bytes = lookupResponse(random);
    assertSame(
        LookupResponse.parseFrom(bytes), Methods.LOOKUP.parseResponse(stream(bytes, random)));
  }

  @Property(tries = 3000)
  void damagedRepliesAreTakenOrRefusedAsTheGeneratedParserDoes(@ForAll Random random)
      throws IOException {
    byte[] match = damaged(matchResponse(random), random);
    MatchResponse wantedMatch = parsed(MatchResponse.parser(), match);
    if (wantedMatch == null) {
      assertRefused(() -> Methods.MATCH.parseResponse(stream(match, random)));
    } else {
      assertSame(wantedMatch, Methods.MATCH.parseResponse(stream(match, random)));
    }
    byte[] lookup = damaged(lookupResponse(random), random);
    LookupResponse wantedLookup = parsed(LookupResponse.parser(), lookup);
    if (wantedLookup == null) {
      assertRefused(() -> Methods.LOOKUP.parseResponse(stream(lookup, random)));
    } else {
      assertSame(wantedLookup, Methods.LOOKUP.parseResponse(stream(lookup, random)));
    }
  }

  @Test
  void aLengthBeyondTheMessageIsRefusedBeforeAnythingOfThatLengthIsMade() throws IOException {
    for (int length : new int[] {1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      for (int field = 1; field <= 11; field++) {
        byte[] bytes = new byte[6];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
        byte[] message = Arrays.copyOf(bytes, out.getTotalBytesWritten());
        assertRefused(() -> Methods.MATCH.parseResponse(stream(message, new Random(0))));
      }
    }
  }

  @Test
  void groupsThatLieTooDeepAreRefused() {
    byte[] groups = new byte[100_000];
    Arrays.fill(groups, (byte) (15 << 3 | WireFormat.WIRETYPE_START_GROUP));
    assertRefused(() -> Methods.MATCH.parseResponse(stream(groups, new Random(0))));
  }

  @Property
  void aMatchRequestIsTheGeneratedMessage(@ForAll Random random) throws IOException {
    TableSelector selector = TableSelector.newBuilder().setTable("t").build();
    MatchRequest.Builder wanted = MatchRequest.newBuilder().setSelector(selector);
    List<TokenWindows.Window> windows = new ArrayList<>();
    boolean continued = false;
    for (int i = random.nextInt(5); i > 0; i--) {
      int[] tokens = numbers(random, 20);
      int context = random.nextInt(tokens.length + 1);
      int offset = random.nextInt(context + 1);
      int length = tokens.length - offset;
      int continuations = random.nextBoolean() ? 0 : random.nextInt(300);
      continued |= continuations > 0;
      windows.add(new TokenWindows.Window(tokens, offset, length, context - offset, continuations));
      Arrays.stream(tokens).skip(offset).forEach(wanted::addTokens);
      wanted.addWindowLengths(length).addContextLengths(context - offset);
      wanted.addContinuations(continuations);
    }
    if (!continued) {
      wanted.clearContinuations();
    }
    byte[] request = RequestEncoder.match(selector, windows);
    assertArrayEquals(wanted.build().toByteArray(), request);
    InputStream wire = Methods.MATCH.streamRequest(request);
    assertEquals(request.length, wire.available());
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    assertEquals(request.length, ((Drainable) wire).drainTo(sent));
    assertArrayEquals(request, sent.toByteArray());
  }

  @Property
  void aRequestOfFgramsIsTheGeneratedMessage(@ForAll Random random) throws IOException {
    TableSelector selector = TableSelector.newBuilder().setTable("t").build();
    LookupRequest.Builder wanted = LookupRequest.newBuilder().setSelector(selector);
    List<int[]> fgrams = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      int[] fgram = numbers(random, 6);
      fgrams.add(fgram);
      Arrays.stream(fgram).forEach(wanted::addTokens);
      wanted.addLengths(fgram.length);
    }
    byte[] request = RequestEncoder.fgrams(selector, fgrams);
    assertArrayEquals(wanted.build().toByteArray(), request);
    assertEquals(wanted.getTokensList(), ContainsRequest.parseFrom(request).getTokensList());
    assertEquals(wanted.getLengthsList(), ContainsRequest.parseFrom(request).getLengthsList());
  }

  private static void assertSame(MatchResponse wanted, MatchReply reply) {
    assertEquals(wanted.getServedBy(), reply.servedBy());
    assertEquals(wanted.getRowFormat(), reply.rowFormat());
    assertEquals(wanted.getPositionsList(), boxed(reply.positions()));
    assertEquals(wanted.getRowIndicesList(), boxed(reply.rowIndices()));
    assertEquals(wanted.getMatchLengthsList(), boxed(reply.matchLengths()));
    assertEquals(wanted.getContinuationCountsList(), boxed(reply.continuationCounts()));
    assertEquals(
        wanted.getContinuationsCompleteList(),
        Arrays.stream(reply.continuationsComplete()).mapToObj(flag -> flag != 0).toList());
    assertEquals(wanted.getContinuationTokensList(), boxed(reply.continuationTokens()));
    assertEquals(wanted.getContinuationRowIndicesList(), boxed(reply.continuationRows()));
    assertEquals(wanted.getContinuationMatchLengthsList(), boxed(reply.continuationLengths()));
    assertEquals(wanted.getRows(), ByteString.copyFrom(reply.rows()));
  }

  private static void assertSame(LookupResponse wanted, LookupReply reply) {
    assertEquals(wanted.getServedBy(), reply.servedBy());
    assertEquals(wanted.getRowFormat(), reply.rowFormat());
    assertEquals(wanted.getFoundCount(), reply.count());
    for (int i = 0; i < reply.count(); i++) {
      assertEquals(wanted.getFound(i), reply.found(i));
    }
    assertEquals(wanted.getRows(), ByteString.copyFrom(reply.rows()));
  }

  /** Returns what the generated parser makes of some bytes, or null if it refuses them. */
  private static <M> M parsed(Parser<M> parser, byte[] bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private static List<Integer> boxed(int[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  private static void assertRefused(Runnable parse) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, parse::run);
    assertEquals(Status.Code.INTERNAL, e.getStatus().getCode());
    String sentence = "the server's reply is not the message it should be: ";
    assertTrue(e.getStatus().getDescription().startsWith(sentence), e::getMessage);
  }

  /** Returns a message as gRPC hands it over: in parts of any size, or as a plain stream. */
  private static InputStream stream(byte[] bytes, Random random) {
    if (random.nextInt(4) == 0) {
      return new ByteArrayInputStream(bytes);
    }
    CompositeReadableBuffer parts = new CompositeReadableBuffer();
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 100));
      ByteBuffer part = ByteBuffer.allocateDirect(length).put(bytes, at, length).flip();
      parts.addBuffer(ReadableBuffers.wrap(part));
      at += length;
    }
    return ReadableBuffers.openStream(parts, true);
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    }
    return damaged;
  }

  private static byte[] matchResponse(Random random) throws IOException {
    return message(
        random,
        (field, out) -> {
          switch (field) {
            case 1 -> out.writeMessage(field, version(random));
            case 2 -> out.writeMessage(field, format(random));
            case 3, 4, 5 -> writeNumbers(out, field, random);
            default -> {
              int other = 6 + random.nextInt(6);
              if (other == 6) {
                out.writeByteArray(other, bytes(random));
              } else {
                writeNumbers(out, other, random);
              }
            }
          }
        });
  }

  private static byte[] lookupResponse(Random random) throws IOException {
    return message(
        random,
        (field, out) -> {
          switch (field) {
            case 1 -> out.writeMessage(field, version(random));
            case 2 -> out.writeMessage(field, format(random));
            case 3, 4 -> writeNumbers(out, 3, random);
            default -> out.writeByteArray(4, bytes(random));
          }
        });
  }

  /** Returns a message of fields in any order, each any number of times, and unknown ones. */
  private static byte[] message(Random random, Field known) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int i = random.nextInt(12); i > 0; i--) {
      int field = 1 + random.nextInt(7);
      if (field == 7) {
        writeUnknown(out, random);
      } else {
        known.write(field, out);
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  @FunctionalInterface
  private interface Field {
    void write(int field, CodedOutputStream out) throws IOException;
  }

  private static void writeUnknown(CodedOutputStream out, Random random) throws IOException {
    switch (random.nextInt(6)) {
      case 0 -> out.writeUInt64(UNKNOWN_FIELD, random.nextLong());
      case 1 -> out.writeFixed64(UNKNOWN_FIELD, random.nextLong());
      case 2 -> out.writeFixed32(UNKNOWN_FIELD, random.nextInt());
      case 3 -> out.writeByteArray(UNKNOWN_FIELD, bytes(random));
      case 4 -> out.writeFixed32(3, random.nextInt()); // a known field of another type
      default -> {
        out.writeTag(UNKNOWN_FIELD, WireFormat.WIRETYPE_START_GROUP);
        version(random).writeTo(out);
        out.writeTag(UNKNOWN_FIELD, WireFormat.WIRETYPE_END_GROUP);
      }
    }
  }

  /** Writes a repeated field packed or not; both are to be read. */
  private static void writeNumbers(CodedOutputStream out, int field, Random random)
      throws IOException {
    int[] numbers = numbers(random, 40);
    if (random.nextBoolean()) {
      for (int number : numbers) {
        out.writeUInt32(field, number);
      }
      return;
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    CodedOutputStream inner = CodedOutputStream.newInstance(packed);
    for (int number : numbers) {
      inner.writeUInt64NoTag(random.nextInt(9) == 0 ? random.nextLong() : number);
    }
    inner.flush();
    out.writeByteArray(field, packed.toByteArray());
  }

  private static int[] numbers(Random random, int atMost) {
    return random
        .ints(random.nextInt(atMost))
        .map(number -> number >>> random.nextInt(32))
        .toArray();
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static TableVersion version(Random random) {
    return TableVersion.newBuilder()
        .setTable("t" + random.nextInt(3))
        .setVersion(random.nextBoolean() ? "" : "v" + random.nextInt(3))
        .build();
  }

  private static RowFormat format(Random random) {
    return RowFormat.newBuilder()
        .setType(RowType.forNumber(random.nextInt(5)))
        .setDim(random.nextInt(100))
        .build();
  }
}
