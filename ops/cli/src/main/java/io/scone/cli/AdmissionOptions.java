package io.scone.cli;

import io.scone.server.AdmissionConfig;
import picocli.CommandLine.Option;

/** How much a server lets be under way at once; a mixin. */
final class AdmissionOptions {
  private static final AdmissionConfig DEFAULTS = AdmissionConfig.defaults();

  @Option(
      names = "--max-requests-in-flight",
      paramLabel = "N",
      description = "The most requests at once; further ones are refused, to be sent again.")
  private int maxRequests = DEFAULTS.maxRequestsInFlight();

  @Option(
      names = "--max-requests-in-flight-per-connection",
      paramLabel = "N",
      description = "The most requests at once on one connection.")
  private int maxRequestsPerConnection = DEFAULTS.maxRequestsInFlightPerConnection();

  @Option(
      names = "--max-bytes-in-flight",
      paramLabel = "SIZE",
      description = "The most bytes of requests and of replies that the network has not taken yet.")
  private MemorySize maxBytes = new MemorySize(DEFAULTS.maxBytesInFlight());

  @Option(
      names = "--max-bytes-in-flight-per-connection",
      paramLabel = "SIZE",
      description = "The most such bytes on one connection.")
  private MemorySize maxBytesPerConnection =
      new MemorySize(DEFAULTS.maxBytesInFlightPerConnection());

  @Option(
      names = "--retry-delay",
      paramLabel = "TIME",
      description = "How long a refused caller is asked to wait, on average.")
  private TimeSpan retryDelay = new TimeSpan(DEFAULTS.retryDelay());

  AdmissionConfig config() {
    return new AdmissionConfig(
        maxRequests,
        maxRequestsPerConnection,
        maxBytes.bytes(),
        maxBytesPerConnection.bytes(),
        retryDelay.duration());
  }
}
