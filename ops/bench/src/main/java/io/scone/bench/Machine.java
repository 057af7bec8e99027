package io.scone.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a benchmark ran on.
 *
 * @param cpu the processor's name, if the system tells
 * @param processors how many it may use
 * @param memoryGib the memory
 * @param os the operating system and its release
 * @param java the Java virtual machine
 */
public record Machine(String cpu, int processors, double memoryGib, String os, String java) {
  private static final double KIB_PER_GIB = 1 << 20;

  static Machine current() throws IOException {
    String memory = field("/proc/meminfo", "MemTotal").replaceAll("\\D", "");
    return new Machine(
        field("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        memory.isEmpty() ? 0 : Math.round(Long.parseLong(memory) / KIB_PER_GIB * 10) / 10.0,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  /** Returns a field of a file of fields that end in a colon; empty where there is none. */
  private static String field(String file, String name) throws IOException {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return "";
    }
    return Files.readAllLines(path).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }
}
