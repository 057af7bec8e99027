package io.scone.bench;

import io.scone.table.Table;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The program of an {@link AskingProcess}: it opens its store and says so, and then answers each
 * {@link Measurement} on its standard input with a {@link Sample}, or the exception that ended it,
 * until the input ends.
 */
final class Asker {
  private final Peer peer;
  private final ProcessHandle server;
  private final BenchmarkData data;
  private final Map<Workload, Workload.Source> sources = new EnumMap<>(Workload.class);
  private final List<Caller> callers = new ArrayList<>();

  private Asker(Peer peer, ProcessHandle server, BenchmarkData data) {
    this.peer = peer;
    this.server = server;
    this.data = data;
  }

  /**
   * Returns the arguments of {@link #main}.
   *
   * @param server the address and the process id of the store's server, if it has one
   */
  static List<String> arguments(Path directory, Store store, List<String> server) {
    return Stream.concat(Stream.of(directory.toString(), store.name()), server.stream()).toList();
  }

  /** Takes {@link #arguments}. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    System.setOut(System.err); // whatever a library prints is no answer
    BenchmarkData data = BenchmarkData.open(Path.of(arguments[0]));
    Store store = Store.valueOf(arguments[1]);
    boolean isServed = arguments.length > 2;
    ProcessHandle server =
        isServed
            ? ProcessHandle.of(Long.parseLong(arguments[3])).orElseThrow()
            : ProcessHandle.current();
    try (Peer peer = isServed ? connect(store, arguments[2], data) : open(store, data);
        ObjectOutputStream answers = new ObjectOutputStream(out)) {
      answers.flush();
      new Asker(peer, server, data).answer(new ObjectInputStream(System.in), answers);
    }
  }

  private static Peer connect(Store store, String address, BenchmarkData data) {
    return switch (store) {
      case SCONE_RAM, SCONE_DISK -> new SconePeer(address);
      case REDIS_CANDIDATES -> new RedisPeer(address, RedisPeer.Way.CANDIDATES, data.index());
      case REDIS_EXACT -> new RedisPeer(address, RedisPeer.Way.EXACT, data.index());
      case REDIS_EXACT_DISTINCT ->
          new RedisPeer(address, RedisPeer.Way.EXACT_DISTINCT, data.index());
      case RAW_TCP -> new TcpPeer(address, data.rowBytes());
      case LMDB, TABLE_DISK, MMAP -> throw new IllegalArgumentException(store + " has no server");
    };
  }

  private static Peer open(Store store, BenchmarkData data) throws IOException {
    return switch (store) {
      case LMDB -> {
        LmdbPeer lmdb = LmdbPeer.open(data);
        PageCache.read(LmdbPeer.directory(data));
        yield lmdb;
      }
      case TABLE_DISK -> {
        PageCache.read(data.table());
        yield new TablePeer(Table.open(data.table()));
      }
      case MMAP -> {
        MappedRows rows = MappedRows.open(MappedRows.prepare(data), data.rowBytes());
        yield new MatrixPeer(data.index(), rows, data.rowBytes());
      }
      default -> throw new IllegalArgumentException(store + " needs a server");
    };
  }

  private void answer(ObjectInputStream orders, ObjectOutputStream answers) throws IOException {
    try {
      while (true) {
        answers.writeObject(answer((Measurement) orders.readObject()));
        answers.flush();
        answers.reset(); // nor keep what was sent
      }
    } catch (EOFException e) {
      // All is measured.
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("both processes have the same classes", e);
    } finally {
      callers.forEach(Caller::close);
    }
  }

  private Object answer(Measurement measurement) throws IOException {
    Cell cell = measurement.cell();
    try {
      while (callers.size() < cell.inFlight()) {
        callers.add(peer.caller());
      }
      Workload.Source source =
          sources.computeIfAbsent(cell.workload(), workload -> workload.source(data));
      return Stopwatch.measure(callers, server, source, measurement, data);
    } catch (WrongAnswerException | IOException e) {
      return e instanceof IOException ? new IOException(e.getMessage()) : e;
    }
  }
}
