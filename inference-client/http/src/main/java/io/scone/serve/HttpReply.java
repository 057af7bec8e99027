package io.scone.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** The answer to one HTTP request. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection
final class HttpReply implements Reply {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String JSON_TYPE = "application/json";
  private static final String EVENTS_TYPE = "text/event-stream; charset=utf-8";
  private static final String DONE = "[DONE]";

  private final ChannelHandlerContext connection;
  private final boolean keepAlive;
  private final Consumer<HttpResponseStatus> ended;
  private boolean streaming;

  /**
   * Makes the reply.
   *
   * @param keepAlive whether the connection stays open afterwards
   * @param ended is told once the reply is written, with its status
   */
  HttpReply(
      ChannelHandlerContext connection, boolean keepAlive, Consumer<HttpResponseStatus> ended) {
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.ended = ended;
  }

  @Override
  public synchronized void send(ObjectNode body) {
    send(HttpResponseStatus.OK, JSON_TYPE, bytes(body), Map.of());
  }

  /** Answers with text. */
  synchronized void send(HttpResponseStatus status, String type, String text) {
    send(status, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  @Override
  public synchronized void fail(ApiException failure) {
    if (streaming) {
      event(failure.toJson());
      // The caller was told whether the connection stays, and may have sent its next request on it.
      finish(
          failure.status(),
          connection.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT),
          keepAlive);
      return;
    }
    send(failure.status(), JSON_TYPE, bytes(failure.toJson()), failure.headers());
  }

  @Override
  public synchronized void event(ObjectNode body) {
    if (!streaming) {
      streaming = true;
      HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_TYPE, EVENTS_TYPE);
      head.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
      HttpUtil.setTransferEncodingChunked(head, true);
      HttpUtil.setKeepAlive(head, keepAlive);
      connection.write(head);
    }
    data(bytes(body));
  }

  @Override
  public synchronized void end() {
    data(DONE.getBytes(StandardCharsets.UTF_8));
    finish(
        HttpResponseStatus.OK,
        connection.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT),
        keepAlive);
  }

  private void data(byte[] body) {
    ByteBuf event =
        Unpooled.wrappedBuffer(
            "data: ".getBytes(StandardCharsets.US_ASCII),
            body,
            "\n\n".getBytes(StandardCharsets.US_ASCII));
    connection.writeAndFlush(new DefaultHttpContent(event));
  }

  private void send(
      HttpResponseStatus status, String type, byte[] body, Map<CharSequence, String> headers) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    headers.forEach(response.headers()::set);
    HttpUtil.setKeepAlive(response, keepAlive);
    finish(status, connection.writeAndFlush(response), keepAlive);
  }

  private void finish(HttpResponseStatus status, ChannelFuture written, boolean stays) {
    if (!stays) {
      written.addListener(LingeringClose.INSTANCE);
    }
    written.addListener(future -> ended.accept(status));
  }

  private static byte[] bytes(JsonNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON has no text", e);
    }
  }
}
