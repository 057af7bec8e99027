package io.scone.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A client in a virtual machine of its own, which asks one store when it is told to and rests
 * between. All of them have the same options.
 *
 * <p>So no store's client is compiled, or has its memory collected, beside another's.
 */
final class AskingProcess implements AutoCloseable {
  /** LMDB's client takes the addresses of Java's buffers. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");

  private final Store store;
  private final ChildProcess process;
  private final ObjectOutputStream orders;
  private final ObjectInputStream answers;

  private AskingProcess(
      Store store, ChildProcess process, ObjectOutputStream orders, ObjectInputStream answers) {
    this.store = store;
    this.process = process;
    this.orders = orders;
    this.answers = answers;
  }

  /** Starts a process that holds its store itself, and waits until it has opened it. */
  static AskingProcess start(Store store, BenchmarkData data) throws IOException {
    return start(store, data, List.of());
  }

  /**
   * Starts a process that asks a server, and waits until it is ready to.
   *
   * @param address the server's host:port
   * @param server whose processor time is measured
   */
  static AskingProcess start(Store store, BenchmarkData data, String address, ProcessHandle server)
      throws IOException {
    return start(store, data, List.of(address, Long.toString(server.pid())));
  }

  private static AskingProcess start(Store store, BenchmarkData data, List<String> server)
      throws IOException {
    Path log = data.path(store + ".log");
    List<String> arguments = Asker.arguments(data.path("").toAbsolutePath(), store, server);
    ChildProcess process =
        ChildProcess.start(ChildProcess.java(JVM_OPTIONS, Asker.class.getName(), arguments), log);
    try {
      ObjectOutputStream orders = new ObjectOutputStream(process.process().getOutputStream());
      orders.flush();
      // The stream of answers begins when the store is open.
      ObjectInputStream answers = new ObjectInputStream(process.process().getInputStream());
      return new AskingProcess(store, process, orders, answers);
    } catch (IOException e) {
      process.close();
      throw new IOException(
          "%s cannot be asked: %s".formatted(store, Files.readString(log).strip()), e);
    }
  }

  /**
   * Measures one cell, while this process waits.
   *
   * @throws IOException if a call failed
   * @throws WrongAnswerException if an answer was wrong
   */
  Sample measure(Measurement measurement) throws IOException {
    Object answer;
    try {
      orders.writeObject(measurement);
      orders.flush();
      answer = answers.readObject();
    } catch (EOFException e) {
      throw new IOException("the process that asks " + store + " has ended", e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("both processes have the same classes", e);
    }
    if (answer instanceof WrongAnswerException wrong) {
      throw new WrongAnswerException(store + ": " + wrong.getMessage());
    }
    if (answer instanceof IOException failed) {
      throw new IOException(store + ": " + failed.getMessage(), failed);
    }
    return (Sample) answer;
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.close();
  }
}
