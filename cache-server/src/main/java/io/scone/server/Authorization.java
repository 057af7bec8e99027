package io.scone.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.scone.v1.TableServiceGrpc;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The check that a call's bearer token gives the right to its service: administration of tables
 * takes one right, everything else the other, and health none.
 */
final class Authorization implements ServerInterceptor {
  /** The header that holds a token, after {@link #SCHEME}. */
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  static final String SCHEME = "Bearer ";

  private final Supplier<AccessTokens> tokens;

  /**
   * Makes the check.
   *
   * @param tokens gives the tokens known at the time of a call
   */
  Authorization(Supplier<AccessTokens> tokens) {
    this.tokens = tokens;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String service = call.getMethodDescriptor().getServiceName();
    if (HealthGrpc.SERVICE_NAME.equals(service)) {
      return next.startCall(call, headers);
    }
    Right right = TableServiceGrpc.SERVICE_NAME.equals(service) ? Right.ADMIN : Right.READ;
    try {
      check(headers.get(HEADER), right);
    } catch (StatusRuntimeException e) {
      call.close(e.getStatus(), e.getTrailers());
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }

  private void check(String header, Right right) {
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw Failures.noToken();
    }
    Set<Right> rights = tokens.get().rightsOf(header.substring(SCHEME.length()).strip());
    if (rights.isEmpty()) {
      throw Failures.unknownToken();
    }
    if (!rights.contains(right)) {
      throw Failures.noRight(right);
    }
  }
}
