package io.scone.server;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.scone.table.DamagedTableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The errors that callers see: a code, one sentence, and details for programs. */
final class Failures {
  /** The domain of every {@link ErrorInfo} of this server. */
  static final String DOMAIN = "scone";

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");
  private static final int MOST_SHOWN = 128;

  private static final Metadata.Key<String> RETRY_PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private Failures() {}

  /** A request that is malformed, whatever the limits. */
  static StatusRuntimeException malformed(String field, String message) {
    return invalid(field, message, "MALFORMED_REQUEST", Map.of());
  }

  /** A request over one of the limits that GetServerInfo tells. */
  static StatusRuntimeException overLimit(
      String field, String asked, String limitName, long limit) {
    return invalid(
        field,
        asked + "; the limit " + limitName + " is " + limit,
        "LIMIT_EXCEEDED",
        Map.of("limit", limitName, "value", Long.toString(limit)));
  }

  /**
   * A request that is refused because too much is under way. The delay is also said in the way that
   * gRPC's own retries heed.
   *
   * @param delay when to ask again
   */
  static StatusRuntimeException overloaded(String limitName, long limit, Duration delay) {
    Metadata pushback = new Metadata();
    pushback.put(RETRY_PUSHBACK, Long.toString(delay.toMillis()));
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(
                com.google.protobuf.Duration.newBuilder()
                    .setSeconds(delay.getSeconds())
                    .setNanos(delay.getNano()))
            .build();
    Status status =
        status(
            Code.RESOURCE_EXHAUSTED,
            "the server is at its limit " + limitName + " of " + limit + "; ask again later",
            "OVERLOADED",
            Map.of("limit", limitName, "value", Long.toString(limit)));
    return StatusProto.toStatusRuntimeException(
        status.toBuilder().addDetails(Any.pack(retry)).build(), pushback);
  }

  /** A call whose caller no longer waits for it. */
  static StatusRuntimeException cancelled() {
    return io.grpc.Status.CANCELLED
        .withDescription("nobody waits for the reply")
        .asRuntimeException();
  }

  static StatusRuntimeException unknownTable(String name, Collection<String> known) {
    return failure(
        Code.NOT_FOUND,
        known.isEmpty()
            ? "the server has no table yet"
            : "there is no table '" + shown(name) + "'; there are " + known,
        "UNKNOWN_TABLE",
        Map.of("table", shown(name)));
  }

  static StatusRuntimeException unknownVersion(
      String name, String version, Collection<String> known) {
    return failure(
        Code.NOT_FOUND,
        "there is no version '"
            + shown(version)
            + "' of table '"
            + shown(name)
            + "'; there are "
            + known,
        "UNKNOWN_VERSION",
        Map.of("table", shown(name), "version", shown(version)));
  }

  static StatusRuntimeException alreadyLoaded(String name, String version) {
    return failure(
        Code.ALREADY_EXISTS,
        "version " + version + " of table '" + name + "' is loaded already",
        "VERSION_LOADED",
        Map.of("table", name, "version", version));
  }

  /** A table that cannot be served as it is; the cause's message is one sentence. */
  static StatusRuntimeException cannotOpen(String name, IOException cause) {
    return failure(
        Code.FAILED_PRECONDITION, cause.getMessage(), "CANNOT_OPEN", Map.of("table", name));
  }

  static StatusRuntimeException active(String name, String version) {
    return failure(
        Code.FAILED_PRECONDITION,
        "version "
            + version
            + " of table '"
            + name
            + "' is active; activate another before unloading it",
        "VERSION_ACTIVE",
        Map.of("table", name, "version", version));
  }

  static StatusRuntimeException nothingToRollBackTo(String name) {
    return failure(
        Code.FAILED_PRECONDITION,
        "no version of table '" + name + "' that was active before is loaded",
        "NO_EARLIER_VERSION",
        Map.of("table", name));
  }

  static StatusRuntimeException otherModel(String table, String expected, String actual) {
    return failure(
        Code.FAILED_PRECONDITION,
        "table '" + table + "' was made by model " + actual + ", not by model " + shown(expected),
        "OTHER_MODEL",
        Map.of("table", table, "expected", shown(expected), "actual", actual));
  }

  static StatusRuntimeException noToken() {
    return failure(
        Code.UNAUTHENTICATED,
        "the call brings no token; send 'authorization: Bearer TOKEN'",
        "NO_TOKEN",
        Map.of());
  }

  static StatusRuntimeException unknownToken() {
    return failure(
        Code.UNAUTHENTICATED, "the call's token is not known here", "UNKNOWN_TOKEN", Map.of());
  }

  static StatusRuntimeException noRight(Right right) {
    return failure(
        Code.PERMISSION_DENIED,
        "the call's token does not give the right to " + right.deed(),
        "NO_RIGHT",
        Map.of("right", right.toString()));
  }

  static StatusRuntimeException administrationElsewhere() {
    return failure(
        Code.PERMISSION_DENIED,
        "this server's tables are administered over its Unix socket only",
        "ADMINISTRATION_ELSEWHERE",
        Map.of());
  }

  /**
   * Returns what a caller is told of an exception: damage is DATA_LOSS, anything that is not a
   * status already is INTERNAL. What the caller did not cause is logged.
   */
  static StatusRuntimeException of(Exception e) {
    if (e instanceof StatusRuntimeException status) {
      return status;
    }
    if (e instanceof DamagedTableException) {
      LOG.error("{}", e.getMessage());
      return failure(Code.DATA_LOSS, e.getMessage(), "TABLE_DAMAGED", Map.of());
    }
    LOG.error("a call failed", e);
    return failure(
        Code.INTERNAL, "the call failed inside the server; its log says why", "INTERNAL", Map.of());
  }

  /** Returns what a caller wrote as it may stand in a sentence: on one line, and of some length. */
  private static String shown(String text) {
    String line = onOneLine(text);
    return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN) + "...";
  }

  private static String onOneLine(String text) {
    return UNPRINTABLE.matcher(text).replaceAll("?");
  }

  private static StatusRuntimeException invalid(
      String field, String message, String reason, Map<String, String> metadata) {
    Status status = status(Code.INVALID_ARGUMENT, message, reason, metadata);
    BadRequest badRequest =
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder()
                    .setField(field)
                    .setDescription(status.getMessage()))
            .build();
    return StatusProto.toStatusRuntimeException(
        status.toBuilder().addDetails(Any.pack(badRequest)).build());
  }

  private static StatusRuntimeException failure(
      Code code, String message, String reason, Map<String, String> metadata) {
    return StatusProto.toStatusRuntimeException(status(code, message, reason, metadata));
  }

  private static Status status(
      Code code, String message, String reason, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).putAllMetadata(metadata).build();
    return Status.newBuilder()
        .setCode(code.getNumber())
        .setMessage(onOneLine(message))
        .addDetails(Any.pack(info))
        .build();
  }
}
