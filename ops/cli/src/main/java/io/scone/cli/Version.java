package io.scone.cli;

import picocli.CommandLine.IVersionProvider;

/** The release of the running program, as its jar states it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Scone.class.getPackage().getImplementationVersion();
    return new String[] {
      "scone " + (version == null ? "(not packaged)" : version),
      "Java " + Runtime.version() + " on " + System.getProperty("os.name")
    };
  }
}
