package io.scone.serve;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the requests of one connection, one after another. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection
final class ApiHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final String COMPLETIONS = "/v1/completions";
  private static final String MODELS = "/v1/models";
  private static final String HEALTH = "/health";
  private static final String METRICS = "/metrics";
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final String TEXT_TYPE = "text/plain; charset=utf-8";

  /** How many requests a caller may send without waiting for the answers. */
  private static final int MAX_PIPELINED = 16;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final CompletionCall.Context context;
  private final ServeConfig config;
  private final ApiKey key;
  private final Requests requests;
  private final Executor workers;
  private final ServeMetrics metrics;
  private final CompletionRequest.Bounds bounds;
  private final long started;

  /** Requests that came before the one under way was answered. */
  private final Deque<FullHttpRequest> next = new ArrayDeque<>();

  private boolean busy;
  private Exchange exchange = new Exchange();

  /** Says that the request under way, or the last one, is over. */
  private Runnable endRequest = () -> {};

  /**
   * Makes a handler.
   *
   * @param workers read the requests
   * @param started when the server started, in seconds since 1970
   */
  ApiHandler(
      CompletionCall.Context context,
      CompletionRequest.Bounds bounds,
      Requests requests,
      Executor workers,
      Instant started) {
    this.context = context;
    this.config = context.config();
    this.key = config.apiKey().orElse(null);
    this.metrics = context.metrics();
    this.bounds = bounds;
    this.requests = requests;
    this.workers = workers;
    this.started = started.getEpochSecond();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext connection, FullHttpRequest request) {
    if (!busy) {
      answer(connection, request);
    } else if (next.size() < MAX_PIPELINED) {
      next.add(request.retain());
    } else {
      connection.close();
    }
  }

  private void answer(ChannelHandlerContext connection, FullHttpRequest request) {
    busy = true;
    Runnable end = requests.begin();
    endRequest = end;
    long begun = System.nanoTime();
    String path = new QueryStringDecoder(request.uri()).path();
    boolean keepAlive =
        HttpUtil.isKeepAlive(request)
            && request.decoderResult().isSuccess()
            && !requests.isDraining();
    HttpReply reply =
        new HttpReply(
            connection,
            keepAlive,
            status -> {
              metrics.answered(label(path), status.code(), System.nanoTime() - begun);
              end.run();
              next(connection);
            });
    guard(reply, () -> route(path, request, reply));
  }

  private static void guard(HttpReply reply, Runnable work) {
    try {
      work.run();
    } catch (ApiException e) {
      reply.fail(e);
    } catch (RuntimeException e) {
      LOG.error("a request failed", e);
      reply.fail(ApiException.of(e));
    }
  }

  /** Goes on with the connection's next request, by its own thread. */
  private void next(ChannelHandlerContext connection) {
    connection
        .executor()
        .execute(
            () -> {
              busy = false;
              FullHttpRequest waiting = next.poll();
              if (waiting != null) {
                try {
                  answer(connection, waiting);
                } finally {
                  waiting.release();
                }
              }
            });
  }

  private void route(String path, FullHttpRequest request, HttpReply reply) {
    checkDecoded(request.decoderResult());
    if (path.equals(HEALTH) || path.equals(METRICS)) {
      expect(HttpMethod.GET, request);
      watch(path, reply);
      return;
    }
    if (!path.equals(COMPLETIONS) && !path.equals(MODELS) && !path.startsWith(MODELS + "/")) {
      throw ApiException.refused(
          HttpResponseStatus.NOT_FOUND, "there is no " + request.method() + " " + path);
    }
    if (key != null && !key.isIn(request.headers().get(HttpHeaderNames.AUTHORIZATION))) {
      throw ApiException.unauthorized();
    }
    if (path.equals(COMPLETIONS)) {
      expect(HttpMethod.POST, request);
      complete(request, reply);
    } else {
      expect(HttpMethod.GET, request);
      models(path, reply);
    }
  }

  private static void checkDecoded(DecoderResult result) {
    if (result.cause() instanceof TooLongHttpHeaderException) {
      throw ApiException.refused(
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long");
    }
    if (result.cause() instanceof TooLongHttpLineException) {
      throw ApiException.refused(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the URI is too long");
    }
    if (!result.isSuccess()) {
      throw ApiException.refused(HttpResponseStatus.BAD_REQUEST, "the request is not HTTP/1.1");
    }
  }

  private static void expect(HttpMethod method, FullHttpRequest request) {
    if (!request.method().equals(method)) {
      throw ApiException.wrongMethod(method);
    }
  }

  private void watch(String path, HttpReply reply) {
    if (path.equals(METRICS)) {
      reply.send(HttpResponseStatus.OK, METRICS_TYPE, metrics.scrape());
    } else if (requests.isDraining() || !context.engine().isOpen()) {
      reply.send(HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT_TYPE, "not serving\n");
    } else {
      reply.send(HttpResponseStatus.OK, TEXT_TYPE, "serving\n");
    }
  }

  private void complete(FullHttpRequest request, HttpReply reply) {
    if (requests.isDraining()) {
      throw ApiException.draining();
    }
    byte[] body = ByteBufUtil.getBytes(request.content());
    Exchange begun = new Exchange();
    exchange = begun;
    workers.execute(
        () ->
            guard(reply, () -> begun.answeredBy(CompletionCall.start(read(body), context, reply))));
  }

  /** Reads a request; long prompts take their time, which is why other threads do it. */
  private CompletionRequest read(byte[] body) {
    return CompletionRequest.read(parse(body), context.engine().tokenizer(), bounds);
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      throw ApiException.invalid(null, "the body is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new IllegalStateException("a body in memory cannot be read", e);
    }
  }

  private void models(String path, HttpReply reply) {
    ObjectNode model = JsonNodeFactory.instance.objectNode();
    model.put("id", config.model());
    model.put("object", "model");
    model.put("created", started);
    model.put("owned_by", "scone");
    model.put("max_model_len", bounds.context());
    if (path.equals(MODELS)) {
      ObjectNode list = JsonNodeFactory.instance.objectNode();
      list.put("object", "list");
      list.putArray("data").add(model);
      reply.send(list);
      return;
    }
    String asked = path.substring(MODELS.length() + 1);
    if (!asked.equals(config.model())) {
      throw ApiException.unknownModel(asked, config.model());
    }
    reply.send(model);
  }

  /** Keeps the metrics from having as many labels as callers can invent paths. */
  private static String label(String path) {
    if (path.startsWith(MODELS)) {
      return MODELS;
    }
    return path.equals(COMPLETIONS) || path.equals(HEALTH) || path.equals(METRICS) ? path : "other";
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext connection, Object event) {
    if (event instanceof IdleStateEvent && !busy) {
      connection.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext connection) {
    exchange.leave();
    endRequest.run();
    next.forEach(FullHttpRequest::release);
    next.clear();
    connection.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext connection, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("a connection broke", cause);
    } else {
      LOG.error("a connection is closed", cause);
    }
    connection.close();
  }
}
