package io.scone.cli.doctor;

/**
 * What a check found.
 *
 * @param found what there is, in words
 * @param advice what to do, in one sentence; null if nothing
 */
public record Finding(Status status, String found, String advice) {
  /** How bad it is, from good to bad. */
  public enum Status {
    /** As it should be. */
    OK,
    /** Something will be slow, or not be possible, or is perhaps not meant so. */
    WARNING,
    /** Scone cannot work so. */
    PROBLEM
  }

  static Finding ok(String found) {
    return new Finding(Status.OK, found, null);
  }

  static Finding warning(String found, String advice) {
    return new Finding(Status.WARNING, found, advice);
  }

  static Finding problem(String found, String advice) {
    return new Finding(Status.PROBLEM, found, advice);
  }
}
