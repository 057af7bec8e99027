package io.scone.server;

import java.util.Locale;

/** The limits of {@link AdmissionConfig}, by the names that refused callers are told. */
enum LoadLimit {
  MAX_REQUESTS_IN_FLIGHT,
  MAX_REQUESTS_IN_FLIGHT_PER_CONNECTION,
  MAX_BYTES_IN_FLIGHT,
  MAX_BYTES_IN_FLIGHT_PER_CONNECTION;

  /** Returns the name of the field of {@code Limits}. */
  String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }

  long of(AdmissionConfig config) {
    return switch (this) {
      case MAX_REQUESTS_IN_FLIGHT -> config.maxRequestsInFlight();
      case MAX_REQUESTS_IN_FLIGHT_PER_CONNECTION -> config.maxRequestsInFlightPerConnection();
      case MAX_BYTES_IN_FLIGHT -> config.maxBytesInFlight();
      case MAX_BYTES_IN_FLIGHT_PER_CONNECTION -> config.maxBytesInFlightPerConnection();
    };
  }
}
