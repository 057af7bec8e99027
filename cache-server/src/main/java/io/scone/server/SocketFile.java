package io.scone.server;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The file of a Unix socket, which outlives a server that is killed. */
final class SocketFile {
  private final ListenConfig.UnixSocket socket;

  SocketFile(ListenConfig.UnixSocket socket) {
    this.socket = socket;
  }

  /**
   * Makes room for a new socket: removes one that nobody listens on.
   *
   * @throws IOException if a server listens on it, or if the file is no socket
   */
  void makeRoom() throws IOException {
    Path path = socket.path();
    BasicFileAttributes file;
    try {
      file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!file.isOther()) {
      throw new IOException("it is there and is no socket; choose another path");
    }
    if (isLive(path)) {
      throw new IOException("another server listens there; stop it or choose another path");
    }
    Files.deleteIfExists(path);
  }

  /** Lets those connect who may; until then the process's umask decides. */
  void setPermissions() throws IOException {
    Files.setPosixFilePermissions(socket.path(), socket.permissions());
  }

  private static boolean isLive(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
