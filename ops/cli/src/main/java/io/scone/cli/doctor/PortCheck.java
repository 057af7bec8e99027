package io.scone.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * The port that a command listens on if it is told nothing else.
 *
 * @param command the command
 * @param port its port
 * @param option the option that gives it another
 */
record PortCheck(String command, int port, String option) implements Check {
  @Override
  public String name() {
    return "port " + port;
  }

  @Override
  public Finding look() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return Finding.ok("free for scone " + command);
    } catch (IOException e) {
      return Finding.warning(
          "in use: " + e.getMessage(),
          "If that is no scone "
              + command
              + " of yours, give yours another port with "
              + option
              + ".");
    }
  }
}
