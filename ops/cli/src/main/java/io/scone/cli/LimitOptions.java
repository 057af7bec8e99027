package io.scone.cli;

import io.scone.server.RequestLimits;
import picocli.CommandLine.Option;

/** The most that one request may ask of a server; a mixin. */
final class LimitOptions {
  private static final RequestLimits DEFAULTS = RequestLimits.defaults();

  @Option(names = "--max-tokens", paramLabel = "N", description = "The most tokens in a request.")
  private int maxTokens = DEFAULTS.maxTokens();

  @Option(names = "--max-fgrams", paramLabel = "N", description = "The most f-grams in a lookup.")
  private int maxFgrams = DEFAULTS.maxFgrams();

  @Option(
      names = "--max-row-bytes",
      paramLabel = "SIZE",
      description = "The most bytes of rows in a reply.")
  private MemorySize maxRowBytes = new MemorySize(DEFAULTS.maxRowBytes());

  @Option(
      names = "--max-request-bytes",
      paramLabel = "SIZE",
      description = "The most bytes in a request.")
  private MemorySize maxRequestBytes = new MemorySize(DEFAULTS.maxRequestBytes());

  @Option(
      names = "--max-continuations",
      paramLabel = "N",
      description = "The most tokens after a window whose rows are sent ahead.")
  private int maxContinuations = DEFAULTS.maxContinuations();

  RequestLimits config() {
    return new RequestLimits(
        maxTokens, maxFgrams, maxRowBytes.bytes(), maxRequestBytes.bytes(), maxContinuations);
  }
}
