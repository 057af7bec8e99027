package io.scone.client;

import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.scone.v1.ContainsResponse;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.StreamMatchResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The methods of {@code EmbeddingService} that take tokens: their requests are bytes that {@link
 * RequestEncoder} made, and replies with rows are read without message objects. What is on the wire
 * is the generated messages' own.
 */
final class Methods {
  private static final MethodDescriptor.Marshaller<byte[]> ENCODED = new RequestMarshaller();
  private static final int STREAMED_RESPONSE =
      StreamMatchResponse.RESPONSE_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  static final MethodDescriptor<byte[], MatchReply> MATCH =
      EmbeddingServiceGrpc.getMatchMethod().toBuilder(
              ENCODED, new ReplyMarshaller<>(MatchReply::new))
          .build();

  /** Its requests and replies are those of {@link #MATCH}; what is around them is not seen. */
  static final MethodDescriptor<byte[], MatchReply> STREAM_MATCH =
      EmbeddingServiceGrpc.getStreamMatchMethod().toBuilder(
              new StreamedRequestMarshaller(), new ReplyMarshaller<>(Methods::streamed))
          .build();

  static final MethodDescriptor<byte[], LookupReply> LOOKUP =
      EmbeddingServiceGrpc.getLookupMethod().toBuilder(
              ENCODED, new ReplyMarshaller<>(LookupReply::new))
          .build();

  static final MethodDescriptor<byte[], ContainsResponse> CONTAINS =
      EmbeddingServiceGrpc.getContainsMethod().toBuilder(
              ENCODED, EmbeddingServiceGrpc.getContainsMethod().getResponseMarshaller())
          .build();

  private Methods() {}

  private static MatchReply streamed(WireReader in) throws IOException {
    MatchReply reply = null;
    while (in.next()) {
      if (in.tag() == STREAMED_RESPONSE) {
        int outside = in.enter();
        reply = new MatchReply(in);
        in.leave(outside);
      } else {
        in.skip();
      }
    }
    if (reply == null) {
      throw new MalformedReplyException("it holds no matches");
    }
    return reply;
  }

  private static class RequestMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] request) {
      return new Wire(request);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("a client reads no requests");
    }
  }

  private static final class StreamedRequestMarshaller extends RequestMarshaller {
    @Override
    public InputStream stream(byte[] request) {
      return super.stream(RequestEncoder.streamed(request));
    }
  }

  private static final class Wire extends ByteArrayInputStream implements KnownLength, Drainable {
    Wire(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = count - pos;
      target.write(buf, pos, length);
      pos = count;
      return length;
    }
  }

  @FunctionalInterface
  private interface Parser<R> {
    R parse(WireReader in) throws IOException;
  }

  private static final class ReplyMarshaller<R> implements MethodDescriptor.Marshaller<R> {
    private final Parser<R> parser;

    ReplyMarshaller(Parser<R> parser) {
      this.parser = parser;
    }

    @Override
    public InputStream stream(R reply) {
      throw new UnsupportedOperationException("a client writes no replies");
    }

    @Override
    public R parse(InputStream stream) {
      try {
        return parser.parse(WireReader.of(stream));
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription(
                "the server's reply is not the message it should be: " + e.getMessage())
            .withCause(e)
            .asRuntimeException();
      }
    }
  }
}
