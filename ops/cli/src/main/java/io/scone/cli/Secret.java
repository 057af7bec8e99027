package io.scone.cli;

/**
 * A setting that nobody may read in a log or in printed settings.
 *
 * @param value what is secret
 */
record Secret(String value) {
  /** What stands in a secret's place wherever it would be shown. */
  static final String MASK = "********";

  @Override
  public String toString() {
    return MASK;
  }
}
