package io.scone.bench;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** A Redis asked with MGET through Jedis, in one of three ways. */
final class RedisPeer implements Peer {
  /** How a client asks. */
  enum Way {
    /** It knows no f-grams and asks for all that could be one. */
    CANDIDATES,
    /** It knows all f-grams and asks for the longest at each position. */
    EXACT,
    /** It knows all f-grams and asks for each of the longest once. */
    EXACT_DISTINCT
  }

  private final HostAndPort address;
  private final Way way;
  private final FgramIndex index;

  RedisPeer(String address, Way way, FgramIndex index) {
    this.address = HostAndPort.from(address);
    this.way = way;
    this.index = index;
  }

  @Override
  public Caller caller() {
    Jedis jedis = new Jedis(address);
    return way == Way.CANDIDATES ? new CandidatesCaller(jedis) : new ExactCaller(jedis);
  }

  private abstract static class JedisCaller extends BlockingCaller {
    final Jedis jedis;

    JedisCaller(Jedis jedis) {
      this.jedis = jedis;
    }

    /** Returns the rows of keys, null for those that Redis does not hold. */
    List<byte[]> rows(byte[][] keys) {
      return keys.length == 0 ? List.of() : jedis.mget(keys); // MGET takes no empty list
    }

    @Override
    public void close() {
      jedis.close();
    }
  }

  private final class CandidatesCaller extends JedisCaller {
    CandidatesCaller(Jedis jedis) {
      super(jedis);
    }

    @Override
    void answer(Query.Window window, Receiver receiver) {
      Candidates candidates = Candidates.of(window, index.maxNgram());
      List<byte[]> rows = rows(candidates.keys());
      for (int i = 0; i < window.positions(); i++) {
        int longest = candidates.end(i) - 1;
        while (longest >= candidates.first(i) && rows.get(longest) == null) {
          longest--;
        }
        if (longest >= candidates.first(i)) {
          int length = longest - candidates.first(i) + FgramKey.MIN_TOKENS;
          int first = window.from() + i - length + 1;
          receiver.row(window.tokens(), first, length, ByteBuffer.wrap(rows.get(longest)), 0);
        }
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) {
      throw new UnsupportedOperationException();
    }
  }

  private final class ExactCaller extends JedisCaller {
    private final Distinct distinct = new Distinct(index.size());

    ExactCaller(Jedis jedis) {
      super(jedis);
    }

    @Override
    void answer(Query.Window window, Receiver receiver) {
      List<byte[]> keys = new ArrayList<>();
      int[] keyOf = new int[window.positions()];
      int[] lengths = new int[window.positions()];
      distinct.clear();
      for (int i = 0; i < window.positions(); i++) {
        int position = window.from() + i;
        long match = index.longestMatch(window.tokens(), window.start(), position);
        if (match != FgramIndex.NONE) {
          lengths[i] = FgramIndex.length(match);
          int first = position - lengths[i] + 1;
          keyOf[i] = place(FgramIndex.ordinal(match), keys, window.tokens(), first, lengths[i]);
        }
      }
      List<byte[]> rows = rows(keys.toArray(byte[][]::new));
      for (int i = 0; i < window.positions(); i++) {
        if (lengths[i] > 0) {
          int first = window.from() + i - lengths[i] + 1;
          byte[] row = rows.get(keyOf[i]);
          receiver.row(window.tokens(), first, lengths[i], ByteBuffer.wrap(row), 0);
        }
      }
    }

    @Override
    void answer(List<int[]> fgrams, Receiver receiver) {
      List<byte[]> keys = new ArrayList<>();
      int[] keyOf = new int[fgrams.size()];
      distinct.clear();
      for (int i = 0; i < keyOf.length; i++) {
        int[] fgram = fgrams.get(i);
        int ordinal = way == Way.EXACT ? -1 : index.find(fgram, 0, fgram.length);
        keyOf[i] = place(ordinal, keys, fgram, 0, fgram.length);
      }
      List<byte[]> rows = rows(keys.toArray(byte[][]::new));
      for (int i = 0; i < keyOf.length; i++) {
        int[] fgram = fgrams.get(i);
        receiver.row(fgram, 0, fgram.length, ByteBuffer.wrap(rows.get(keyOf[i])), 0);
      }
    }

    /** Returns the place of an f-gram's key among those to ask for, where it puts it if need be. */
    private int place(int ordinal, List<byte[]> keys, int[] tokens, int offset, int length) {
      int next = keys.size();
      int place = way == Way.EXACT ? next : distinct.place(ordinal, next);
      if (place == next) {
        keys.add(FgramKey.encode(tokens, offset, length));
      }
      return place;
    }
  }
}
