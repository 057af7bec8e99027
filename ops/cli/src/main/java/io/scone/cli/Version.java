package io.scone.cli;

import picocli.CommandLine.IVersionProvider;

/** The release of the running program, as its jar states it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      program(), "Java " + Runtime.version() + " on " + System.getProperty("os.name")
    };
  }

  /** Returns the program and its release, as manifests name what made them. */
  static String program() {
    String version = Scone.class.getPackage().getImplementationVersion();
    return "scone " + (version == null ? "(not packaged)" : version);
  }
}
