package io.scone.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a server listens, or several that serve the same table: a Unix socket, hosts with ports, or
 * a name that the DNS has any number of addresses for.
 */
final class ServerAddress {
  private static final String UNIX = "unix:";
  private static final String DNS = "dns:///";

  private final String text;
  private final String socket;
  private final List<Host> hosts;

  /** A host and a port. */
  record Host(String name, int port) {
    @Override
    public String toString() {
      return name + ":" + port;
    }
  }

  private ServerAddress(String text, String socket, List<Host> hosts) {
    this.text = text;
    this.socket = socket;
    this.hosts = hosts;
  }

  /**
   * Reads {@code host}, {@code host:port}, a list of these with commas between, {@code
   * dns:///name:port} or {@code unix:/path}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  static ServerAddress parse(String text) {
    if (text.startsWith(UNIX)) {
      String path = text.substring(UNIX.length()).replaceFirst("^///", "/");
      if (!path.startsWith("/") || path.contains(",")) {
        throw notAnAddress(text, text, "a Unix socket is one absolute path, unix:/path");
      }
      return new ServerAddress(text, path, List.of());
    }
    if (text.startsWith(DNS)) {
      return new ServerAddress(text, null, List.of(host(text, text.substring(DNS.length()))));
    }
    List<Host> hosts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      hosts.add(host(text, part.strip()));
    }
    return new ServerAddress(text, null, List.copyOf(hosts));
  }

  /** Returns the path of the Unix socket, or null where there is none. */
  String socket() {
    return socket;
  }

  /** Returns the hosts; one of them where it is a name in the DNS. */
  List<Host> hosts() {
    return hosts;
  }

  /** Says whether there may be several servers behind it. */
  boolean isReplicated() {
    return hosts.size() > 1 || text.startsWith(DNS);
  }

  /** Returns the address as it was given. */
  @Override
  public String toString() {
    if (hosts.size() == 1 && !isReplicated()) {
      return hosts.get(0).toString();
    }
    return text;
  }

  private static Host host(String whole, String text) {
    int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    int port = colon < 0 ? SconeClient.DEFAULT_PORT : port(text.substring(colon + 1));
    boolean bareIpv6 = name.contains(":") && !name.startsWith("[");
    if (name.isEmpty() || bareIpv6 || name.matches(".*[/,\\s].*") || port < 1) {
      throw notAnAddress(
          whole, text, "give host:port, such as localhost:7411, dns:///name:port or unix:/path");
    }
    return new Host(name, port);
  }

  /** Returns the port a text names, or 0. */
  private static int port(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) < 65536
        ? Integer.parseInt(text)
        : 0;
  }

  private static IllegalArgumentException notAnAddress(String whole, String part, String forms) {
    String where = whole.equals(part) ? "" : " in '" + whole + "'";
    return new IllegalArgumentException("'" + part + "'" + where + " is not an address; " + forms);
  }
}
