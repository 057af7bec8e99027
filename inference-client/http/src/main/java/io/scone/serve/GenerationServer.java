package io.scone.serve;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.scone.generation.GenerationEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Continues text over HTTP as OpenAI's completions do: {@code POST /v1/completions}, {@code GET
 * /v1/models}, {@code /health}, and {@code /metrics} for Prometheus. The engine stays the caller's,
 * to be closed after the server.
 *
 * <p>Safe for use by many threads.
 */
public final class GenerationServer implements AutoCloseable {
  private static final int BACKLOG = 4096;
  private static final int IO_THREADS = 2;
  private static final int WORKERS = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);

  private final ServeConfig config;
  private final CompletionCall.Context context;
  private final CompletionRequest.Bounds bounds;
  private final ServeMetrics metrics;
  private final Connections connections;
  private final Requests requests = new Requests();
  private final Instant started = Instant.now();
  private final EventLoopGroup loops;
  private final ExecutorService workers;
  private final Channel listener;

  private GenerationServer(GenerationEngine engine, ServeConfig config) throws IOException {
    this.config = config;
    this.metrics = new ServeMetrics(engine);
    this.context = new CompletionCall.Context(engine, config, metrics);
    this.bounds =
        new CompletionRequest.Bounds(config.model(), engine.capacity(), engine.queueCapacity());
    this.connections = new Connections(config.limits().connections());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            IO_THREADS, new DefaultThreadFactory("scone-http", true), NioIoHandler.newFactory());
    this.workers =
        Executors.newFixedThreadPool(WORKERS, new DefaultThreadFactory("scone-http-worker", true));
    metrics.gauge("scone.http.connections", connections, Connections::open);
    metrics.gauge("scone.http.requests.under.way", requests, Requests::underWay);
    this.listener = listen();
  }

  /**
   * Starts a server.
   *
   * @throws IOException if it cannot listen; the message is one sentence
   */
  public static GenerationServer start(GenerationEngine engine, ServeConfig config)
      throws IOException {
    return new GenerationServer(engine, config);
  }

  private Channel listen() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    open(channel);
                  }
                })
            .bind(new InetSocketAddress(config.host(), config.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop();
      throw new IOException(
          "cannot listen on "
              + config.host()
              + ":"
              + config.port()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    return bound.channel();
  }

  private void open(SocketChannel channel) {
    long idle = config.idleTimeout().toMillis();
    channel
        .pipeline()
        .addLast(connections)
        .addLast(new IdleStateHandler(idle, 0, 0, TimeUnit.MILLISECONDS))
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig().setMaxHeaderSize(config.limits().headerBytes())))
        .addLast(new BodyReader(config.limits().bodyBytes()))
        .addLast(new ApiHandler(context, bounds, requests, workers, started));
  }

  /** Returns the address it listens on, with the port in use. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /**
   * Stops: refuses new requests with 503, lets those under way end within the drain timeout, and
   * closes all connections.
   */
  @Override
  public void close() {
    requests.drain(config.drainTimeout());
    listener.close().awaitUninterruptibly();
    stop();
    metrics.close();
  }

  private void stop() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    workers.shutdown();
  }
}
