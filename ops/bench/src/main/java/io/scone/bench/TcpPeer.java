package io.scone.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A {@link TcpServer} asked over one connection a caller. */
final class TcpPeer implements Peer {
  private final String name;
  private final ServerProcess process;
  private final int port;
  private final int rowBytes;

  private TcpPeer(String name, ServerProcess process, int port, int rowBytes) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.rowBytes = rowBytes;
  }

  /** Starts the server over the matrix of rows in {@code matrix}. */
  static TcpPeer start(String name, BenchmarkData data, Path matrix) throws IOException {
    Path log = data.path("tcp.log");
    List<String> arguments =
        List.of(data.fgramFile().toString(), matrix.toString(), Integer.toString(data.rowBytes()));
    ServerProcess process = ServerProcess.startJava(TcpServer.class, arguments, log);
    BufferedReader out = process.process().inputReader(StandardCharsets.UTF_8);
    String port = out.readLine();
    if (port == null) {
      process.close();
      throw new IOException("the TCP server did not start: " + Files.readString(log).strip());
    }
    return new TcpPeer(name, process, Integer.parseInt(port), data.rowBytes());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ProcessHandle server() {
    return process.process().toHandle();
  }

  @Override
  public Caller caller() throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return new TcpCaller(channel);
  }

  @Override
  public void close() {
    process.close();
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
