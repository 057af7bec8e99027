package io.scone.server;

import java.util.Locale;

/** What a token allows. */
enum Right {
  /** To ask for rows and for what is served. */
  READ("read rows"),
  /** To ask for and change which tables are served. */
  ADMIN("administer tables");

  private final String deed;

  Right(String deed) {
    this.deed = deed;
  }

  /** Returns what the right is to, in words. */
  String deed() {
    return deed;
  }

  /** Returns its name as files of tokens have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
