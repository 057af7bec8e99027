package io.scone.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Requests for matches that share one call of {@code StreamMatch}: for a small request a call of
 * its own is most of what it costs.
 *
 * <p>Replies come in the order of the requests. After a second the call takes no more requests and
 * another one is begun when it is needed, so that a server that drains does not wait for it, and an
 * idle client holds nothing of a server's limits.
 *
 * <p>Safe for use by many threads.
 */
final class MatchStream {
  private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A reply waits for those before it; with more of them a call of its own is faster. */
  private static final int MAX_WAITING = 4;

  private final Channel channel;
  private final Transport transport;
  private Shared shared; // null while there is none

  /** Makes a stream over a channel; it calls when it is first used. */
  MatchStream(Channel channel, Transport transport) {
    this.channel = channel;
    this.transport = transport;
  }

  /**
   * Sends a request, unless too many wait for their replies.
   *
   * @param options those of the shared call, if one must be begun
   * @param listener is told of the reply as if the request had a call of its own. How the shared
   *     call ends is told to all that wait, whichever request was to blame
   * @return what gives the request up, and all others that wait, or null if it is not sent
   */
  synchronized Runnable send(
      byte[] request, CallOptions options, ClientCall.Listener<MatchReply> listener) {
    if (shared == null) {
      shared = new Shared(channel.newCall(Methods.STREAM_MATCH, options));
      shared.begin();
    }
    Shared current = shared;
    if (current == null || current.waiting.size() == MAX_WAITING) {
      return null; // it ended as it began, or is busy
    }
    current.send(request, listener);
    return current::cancel;
  }

  /** The requests that share one call. Its fields are guarded by the stream's lock. */
  private final class Shared extends ClientCall.Listener<MatchReply> {
    private final ClientCall<byte[], MatchReply> call;
    private final Queue<ClientCall.Listener<MatchReply>> waiting = new ArrayDeque<>(MAX_WAITING);

    Shared(ClientCall<byte[], MatchReply> call) {
      this.call = call;
    }

    void begin() {
      transport.schedule(this::end, LIFE_NANOS);
      call.start(this, new Metadata());
    }

    void send(byte[] request, ClientCall.Listener<MatchReply> listener) {
      waiting.add(listener);
      call.request(1);
      call.sendMessage(request);
    }

    void end() {
      synchronized (MatchStream.this) {
        if (shared == this) {
          shared = null;
          call.halfClose();
        }
      }
    }

    void cancel() {
      synchronized (MatchStream.this) {
        if (shared == this) {
          shared = null;
        }
      }
      call.cancel("a reply did not come in time", null);
    }

    @Override
    public void onMessage(MatchReply reply) {
      ClientCall.Listener<MatchReply> listener;
      synchronized (MatchStream.this) {
        listener = waiting.remove();
      }
      listener.onMessage(reply);
      listener.onClose(Status.OK, new Metadata());
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      Queue<ClientCall.Listener<MatchReply>> lost;
      synchronized (MatchStream.this) {
        if (shared == this) {
          shared = null;
        }
        lost = new ArrayDeque<>(waiting);
        waiting.clear();
      }
      lost.forEach(listener -> listener.onClose(status, trailers));
    }
  }
}
