package io.scone.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A {@link TcpServer} asked over one connection a caller. */
final class TcpPeer implements Peer {
  private final InetSocketAddress address;
  private final int rowBytes;

  TcpPeer(String address, int rowBytes) {
    String[] parts = address.split(":", 2);
    this.address = new InetSocketAddress(parts[0], Integer.parseInt(parts[1]));
    this.rowBytes = rowBytes;
  }

  @Override
  public Caller caller() throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return new TcpCaller(channel);
  }

  private final class TcpCaller extends BlockingCaller {
    private final SocketChannel channel;
    private final RowBuffer requests = new RowBuffer();
    private final RowBuffer replies = new RowBuffer();

    TcpCaller(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    void answer(Query.Window window, Receiver receiver) throws IOException {
      int tokens = window.end() - window.start();
      ByteBuffer request = requests.ofSize((3L + tokens) * Integer.BYTES);
      request.putInt(0).putInt(Wire.MATCH).putInt(window.from() - window.start());
      for (int i = window.start(); i < window.end(); i++) {
        request.putInt(window.tokens()[i]);
      }
      Wire.write(channel, request);
      ByteBuffer reply = Wire.read(channel, replies);
      int count = reply.getInt();
      int firstRow = (1 + count * Wire.MATCH_INTS) * Integer.BYTES;
      for (int i = 0; i < count; i++) {
        int position = window.from() + reply.getInt();
        int length = reply.getInt();
        int row = firstRow + reply.getInt() * rowBytes;
        receiver.row(window.tokens(), position - length + 1, length, reply, row);
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) throws IOException {
      int ints = fgrams.stream().mapToInt(fgram -> 1 + fgram.length).sum();
      ByteBuffer request = requests.ofSize((3L + ints) * Integer.BYTES);
      request.putInt(0).putInt(Wire.LOOKUP).putInt(fgrams.size());
      for (int[] fgram : fgrams) {
        request.putInt(fgram.length);
        for (int token : fgram) {
          request.putInt(token);
        }
      }
      Wire.write(channel, request);
      ByteBuffer reply = Wire.read(channel, replies);
      for (int i = 0; i < fgrams.size(); i++) {
        int[] fgram = fgrams.get(i);
        receiver.row(fgram, 0, fgram.length, reply, i * rowBytes);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
