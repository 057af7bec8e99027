package io.scone.serve;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Puts requests together whole; those whose bodies are too large are answered with 413. */
final class BodyReader extends HttpObjectAggregator {
  private final int limit;

  BodyReader(int limit) {
    super(limit);
    this.limit = limit;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
    new HttpReply(context, false, status -> {})
        .fail(
            ApiException.refused(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "the body is longer than the limit of " + limit + " bytes"));
  }
}
