package io.scone.bench;

import io.scone.fgram.FgramIndex;
import io.scone.mining.FgramFile;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A server of mapped rows over bare sockets, with the same matching as the cache server and nothing
 * around it: the floor of what a network costs. A thread for each connection.
 */
final class TcpServer {
  private static final int SEND_BUFFER_BYTES = 4 << 20;

  private final FgramIndex index;
  private final MappedRows rows;
  private final int rowBytes;

  private TcpServer(FgramIndex index, MappedRows rows, int rowBytes) {
    this.index = index;
    this.rows = rows;
    this.rowBytes = rowBytes;
  }

  /**
   * Prints where it listens and serves until the process is ended. It takes the file of f-grams,
   * the file of rows, and the bytes in a row.
   */
  public static void main(String[] arguments) throws IOException {
    int rowBytes = Integer.parseInt(arguments[2]);
    FgramIndex index = FgramFile.open(Path.of(arguments[0])).index();
    MappedRows rows = MappedRows.open(Path.of(arguments[1]), rowBytes);
    new TcpServer(index, rows, rowBytes).serve();
  }

  private void serve() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
      System.out.println(address.getAddress().getHostAddress() + ":" + address.getPort());
      while (true) {
        SocketChannel channel = server.accept();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        new Thread(new Connection(channel), "connection").start();
      }
    }
  }

  private final class Connection implements Runnable {
    private final SocketChannel channel;
    private final Distinct distinct = new Distinct(index.size());
    private final RowBuffer requests = new RowBuffer();
    private final RowBuffer replies = new RowBuffer();

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void run() {
      try (channel) {
        while (true) {
          ByteBuffer request = Wire.read(channel, requests);
          Wire.write(channel, request.getInt() == Wire.MATCH ? match(request) : lookup(request));
        }
      } catch (EOFException e) {
        // The client is done.
      } catch (IOException e) {
        System.err.println(e);
      }
    }

    private ByteBuffer match(ByteBuffer request) {
      int context = request.getInt();
      int[] tokens = new int[request.remaining() / Integer.BYTES];
      request.asIntBuffer().get(tokens);
      int asked = tokens.length - context;
      long[] matches = new long[asked];
      int[] positions = new int[asked];
      Arrays.setAll(positions, i -> context + i);
      index.longestMatches(tokens, new int[asked], positions, 0, asked, matches);
      int count = (int) Arrays.stream(matches).filter(match -> match != FgramIndex.NONE).count();
      int firstRow = (2 + count * Wire.MATCH_INTS) * Integer.BYTES;
      ByteBuffer reply = replies.ofSize(firstRow + (long) count * rowBytes);
      reply.putInt(0).putInt(count);
      distinct.clear();
      int copied = 0;
      for (int i = 0; i < asked; i++) {
        if (matches[i] != FgramIndex.NONE) {
          int ordinal = FgramIndex.ordinal(matches[i]);
          int place = distinct.place(ordinal, copied);
          if (place == copied) {
            rows.copy(ordinal, reply, firstRow + copied++ * rowBytes);
          }
          reply.putInt(i).putInt(FgramIndex.length(matches[i])).putInt(place);
        }
      }
      return reply.position(firstRow + copied * rowBytes);
    }

    private ByteBuffer lookup(ByteBuffer request) {
      int count = request.getInt();
      ByteBuffer reply = replies.ofSize(Integer.BYTES + (long) count * rowBytes);
      int[] fgram = new int[index.maxNgram()];
      for (int i = 0; i < count; i++) {
        int length = request.getInt();
        for (int token = 0; token < length; token++) {
          fgram[token] = request.getInt();
        }
        rows.copy(index.find(fgram, 0, length), reply, Integer.BYTES + i * rowBytes);
      }
      return reply.position(Integer.BYTES + count * rowBytes);
    }
  }
}
