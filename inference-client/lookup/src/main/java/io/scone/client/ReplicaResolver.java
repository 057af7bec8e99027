package io.scone.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Resolves a list of hosts, each to one replica: a host whose name cannot be resolved is left out
 * as long as there is another.
 */
final class ReplicaResolver extends NameResolver {
  private static final String SCHEME = "scone-replicas";

  static {
    NameResolverRegistry.getDefaultRegistry().register(new Provider());
  }

  private final List<ServerAddress.Host> hosts;
  private final Executor executor;
  private Listener2 listener;

  private ReplicaResolver(List<ServerAddress.Host> hosts, Args args) {
    this.hosts = hosts;
    this.executor = args.getOffloadExecutor();
  }

  /** Returns what a channel to some hosts is made for. */
  static String target(List<ServerAddress.Host> hosts) {
    return SCHEME + ":///" + String.join(",", hosts.stream().map(Object::toString).toList());
  }

  @Override
  public String getServiceAuthority() {
    return hosts.get(0).toString();
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    refresh();
  }

  @Override
  public void refresh() {
    executor.execute(this::resolve);
  }

  @Override
  public void shutdown() {
    // Nothing is held open; a resolution under way ends by itself.
  }

  private void resolve() {
    List<EquivalentAddressGroup> replicas = new ArrayList<>();
    UnknownHostException unknown = null;
    for (ServerAddress.Host host : hosts) {
      try {
        List<SocketAddress> addresses = new ArrayList<>();
        for (InetAddress address : InetAddress.getAllByName(host.name())) {
          addresses.add(new InetSocketAddress(address, host.port()));
        }
        replicas.add(
            new EquivalentAddressGroup(
                addresses,
                Attributes.newBuilder()
                    .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, host.toString())
                    .build()));
      } catch (UnknownHostException e) {
        unknown = e;
      }
    }
    StatusOr<List<EquivalentAddressGroup>> result =
        replicas.isEmpty()
            ? StatusOr.fromStatus(
                Status.UNAVAILABLE
                    .withDescription("no host of the list can be resolved")
                    .withCause(unknown))
            : StatusOr.fromValue(replicas);
    listener.onResult(ResolutionResult.newBuilder().setAddressesOrError(result).build());
  }

  private static final class Provider extends NameResolverProvider {
    @Override
    public NameResolver newNameResolver(URI target, Args args) {
      if (!SCHEME.equals(target.getScheme())) {
        return null;
      }
      String[] hosts = target.getPath().substring(1).split(",");
      return new ReplicaResolver(
          Arrays.stream(hosts).map(host -> ServerAddress.parse(host).hosts().get(0)).toList(),
          args);
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }
  }
}
