package io.scone.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
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

  /** Returns the program, its release and the commit that was built, where that is known. */
  static String build() throws IOException {
    Properties commit = new Properties();
    try (InputStream file = Version.class.getResourceAsStream("commit.properties")) {
      if (file != null) {
        commit.load(file);
      }
    }
    String id = commit.getProperty("git.commit.id.describe");
    return id == null ? program() : program() + ", commit " + id;
  }
}
