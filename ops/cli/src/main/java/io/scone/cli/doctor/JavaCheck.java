package io.scone.cli.doctor;

import javax.tools.ToolProvider;

/**
 * The Java that runs this process, and the system below it.
 *
 * @param version the feature release, such as 17
 * @param bits of an address
 * @param system the operating system's name
 * @param architecture the processor's, as Java names it
 * @param compiler whether it is a JDK, which a checkout is built with
 */
record JavaCheck(int version, int bits, String system, String architecture, boolean compiler)
    implements Check {
  private static final int OLDEST = 17;
  private static final int NEWEST_TESTED = 25;

  static JavaCheck ofThisProcess() {
    return new JavaCheck(
        Runtime.version().feature(),
        Integer.getInteger("sun.arch.data.model", 64),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        ToolProvider.getSystemJavaCompiler() != null);
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public Finding look() {
    String found =
        "Java " + version + ", " + bits + " bit, on " + system + " (" + architecture + ")";
    if (version < OLDEST || bits != 64) {
      return Finding.problem(
          found, "Install a JDK of 64 bit, " + OLDEST + " or later, and name it in JAVA_HOME.");
    }
    if (!system.equals("Linux") || !architecture.equals("amd64")) {
      return Finding.problem(
          found, "Run Scone on Linux on an x86-64 processor: its native libraries are for that.");
    }
    if (!compiler) {
      return Finding.warning(
          found + ", without a compiler", "Install a JDK if you want to build Scone from source.");
    }
    if (version > NEWEST_TESTED) {
      return Finding.warning(
          found, "Use a JDK from " + OLDEST + " to " + NEWEST_TESTED + ": newer are untested.");
    }
    return Finding.ok(found);
  }
}
