package io.scone.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Where a server listens, and with how many threads.
 *
 * @param tcp the TCP address, if any
 * @param unixSocket the Unix domain socket, if any
 * @param eventLoops threads that carry the connections
 */
public record ListenConfig(Optional<Tcp> tcp, Optional<UnixSocket> unixSocket, int eventLoops) {
  /** The port of a server that is told no other. */
  public static final int DEFAULT_PORT = 7411;

  /** Owner and group may connect. */
  public static final Set<PosixFilePermission> DEFAULT_PERMISSIONS =
      PosixFilePermissions.fromString("rw-rw----");

  /** The most bytes of a socket's path, a bound of the operating system. */
  private static final int LONGEST_PATH = 107;

  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds or there is nowhere to listen
   */
  public ListenConfig {
    if (tcp.isEmpty() && unixSocket.isEmpty()) {
      throw new IllegalArgumentException(
          "there is nowhere to listen: without TCP, name a Unix socket");
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("event loops are " + eventLoops + ", fewer than 1");
    }
  }

  /** Returns the configuration that listens on this machine only, at the default port. */
  public static ListenConfig defaults() {
    return at("127.0.0.1", DEFAULT_PORT);
  }

  /** Returns the configuration that listens at a TCP address, with the default threads. */
  public static ListenConfig at(String host, int port) {
    return new ListenConfig(Optional.of(new Tcp(host, port)), Optional.empty(), processors());
  }

  /** Returns the configuration that listens on a Unix socket only, with the defaults. */
  public static ListenConfig at(Path unixSocket) {
    return new ListenConfig(
        Optional.empty(),
        Optional.of(new UnixSocket(unixSocket, DEFAULT_PERMISSIONS)),
        processors());
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /**
   * A TCP address.
   *
   * @param host the name or address to listen on; {@code 0.0.0.0} for every interface
   * @param port the port to listen on; 0 for any free one
   */
  public record Tcp(String host, int port) {
    /**
     * Checks the address.
     *
     * @throws IllegalArgumentException if the host is blank or the port out of bounds
     */
    public Tcp {
      if (host.isBlank()) {
        throw new IllegalArgumentException("host is blank; name an address to listen on");
      }
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("port is " + port + ", not in 0..65535");
      }
    }
  }

  /**
   * A Unix domain socket.
   *
   * @param path its file
   * @param permissions who may connect: those who may write the file
   */
  public record UnixSocket(Path path, Set<PosixFilePermission> permissions) {
    /**
     * Checks the socket.
     *
     * @throws IllegalArgumentException if the path is too long for a socket
     */
    public UnixSocket {
      permissions = Set.copyOf(permissions);
      int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
      if (length > LONGEST_PATH) {
        throw new IllegalArgumentException(
            "the path of the Unix socket takes "
                + length
                + " bytes, more than the system's "
                + LONGEST_PATH
                + ": "
                + path);
      }
    }
  }
}
