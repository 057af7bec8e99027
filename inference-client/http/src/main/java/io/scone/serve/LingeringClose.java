package io.scone.serve;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection after its last reply in a way that lets the caller read that reply.
 *
 * <p>A socket that is closed with unread bytes resets the connection, and a caller still sending a
 * request then loses the reply it was sent. So only the sending half is closed at first; what still
 * comes is thrown away until the caller closes its half, or until a time limit.
 */
@SuppressWarnings("FutureReturnValueIgnored") // there is nobody to tell
final class LingeringClose implements ChannelFutureListener {
  static final LingeringClose INSTANCE = new LingeringClose();

  private static final long LIMIT_SECONDS = 5;

  private LingeringClose() {}

  @Override
  public void operationComplete(ChannelFuture written) {
    SocketChannel channel = (SocketChannel) written.channel();
    if (!written.isSuccess()) {
      channel.close();
      return;
    }
    channel.pipeline().addFirst(new Discard());
    channel.shutdownOutput();
    channel.eventLoop().schedule(() -> channel.close(), LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Reads and forgets. */
  private static final class Discard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
