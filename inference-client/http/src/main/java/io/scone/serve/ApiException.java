package io.scone.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.scone.generation.OverloadedException;
import io.scone.inference.MissingRowsException;
import java.util.Map;

/** The failure of a request, as OpenAI's interface tells it: a status and one sentence. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";

  /** The request may well succeed if it is made again after a second. */
  private static final Map<CharSequence, String> LATER = Map.of(HttpHeaderNames.RETRY_AFTER, "1");

  private final transient HttpResponseStatus status;
  private final transient Map<CharSequence, String> headers;
  private final String type;
  private final String parameter;
  private final String code;

  private ApiException(
      HttpResponseStatus status, String type, String parameter, String code, String sentence) {
    this(status, type, parameter, code, sentence, Map.of());
  }

  private ApiException(
      HttpResponseStatus status,
      String type,
      String parameter,
      String code,
      String sentence,
      Map<CharSequence, String> headers) {
    super(sentence);
    this.headers = headers;
    this.status = status;
    this.type = type;
    this.parameter = parameter;
    this.code = code;
  }

  /** Returns the failure of a request whose parameter is wrong; null if no single one is. */
  static ApiException invalid(String parameter, String sentence) {
    return new ApiException(HttpResponseStatus.BAD_REQUEST, INVALID, parameter, null, sentence);
  }

  /** Returns the failure of a request that HTTP itself has a status for. */
  static ApiException refused(HttpResponseStatus status, String sentence) {
    return new ApiException(status, INVALID, null, null, sentence);
  }

  /** Returns the failure of a request by another method than a path takes. */
  static ApiException wrongMethod(HttpMethod right) {
    return new ApiException(
        HttpResponseStatus.METHOD_NOT_ALLOWED,
        INVALID,
        null,
        null,
        "this path takes " + right + " only",
        Map.of(HttpHeaderNames.ALLOW, right.name()));
  }

  /** Returns the failure of a request for a model that is not served. */
  static ApiException unknownModel(String asked, String served) {
    return new ApiException(
        HttpResponseStatus.NOT_FOUND,
        INVALID,
        "model",
        "model_not_found",
        "the model '" + asked + "' is not served here; '" + served + "' is");
  }

  /** Returns the failure of a request without the right key. */
  static ApiException unauthorized() {
    return new ApiException(
        HttpResponseStatus.UNAUTHORIZED,
        INVALID,
        null,
        "invalid_api_key",
        "the request does not bring the server's API key as a bearer token",
        Map.of(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer"));
  }

  /** Returns the failure of a request that came while the server stops. */
  static ApiException draining() {
    return new ApiException(
        HttpResponseStatus.SERVICE_UNAVAILABLE,
        SERVER,
        null,
        "draining",
        "the server is stopping; ask another one",
        LATER);
  }

  /** Returns what a failure of the engine means to the caller. */
  static ApiException of(RuntimeException failure) {
    if (failure instanceof ApiException known) {
      return known;
    }
    if (failure instanceof OverloadedException) {
      return new ApiException(
          HttpResponseStatus.TOO_MANY_REQUESTS,
          "rate_limit_error",
          null,
          "rate_limit_exceeded",
          failure.getMessage(),
          LATER);
    }
    if (failure instanceof IllegalArgumentException) {
      return invalid(null, failure.getMessage());
    }
    if (failure instanceof MissingRowsException) {
      return new ApiException(
          HttpResponseStatus.SERVICE_UNAVAILABLE,
          SERVER,
          null,
          "rows_unavailable",
          failure.getMessage(),
          LATER);
    }
    return new ApiException(
        HttpResponseStatus.INTERNAL_SERVER_ERROR,
        SERVER,
        null,
        null,
        failure.getMessage() == null ? failure.toString() : failure.getMessage());
  }

  HttpResponseStatus status() {
    return status;
  }

  /** Returns the headers that the reply has for it. */
  Map<CharSequence, String> headers() {
    return headers;
  }

  /** Returns the reply's body. */
  ObjectNode toJson() {
    ObjectNode error = JsonNodeFactory.instance.objectNode();
    error.put("message", getMessage());
    error.put("type", type);
    error.put("param", parameter);
    error.put("code", code);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("error", error);
    return body;
  }
}
