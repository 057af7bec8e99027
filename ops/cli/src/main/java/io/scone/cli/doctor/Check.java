package io.scone.cli.doctor;

/** One thing about a machine that Scone depends on. */
public interface Check {
  /** Returns what is looked at, in a word or two. */
  String name();

  /** Looks at it; what goes wrong meanwhile is found, not thrown. */
  Finding look();
}
