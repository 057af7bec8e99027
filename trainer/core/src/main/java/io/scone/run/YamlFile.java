package io.scone.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of settings in YAML. */
public final class YamlFile {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** What the parser complains of; it quotes the lines around it, and what it was reading. */
  private static final Pattern COMPLAINT =
      Pattern.compile("([^\\n]+)\\n in [^\\n]*, line (\\d{1,9})");

  private YamlFile() {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if there is none or it is not YAML; the message is one
   *     sentence
   * @throws IOException if it cannot be read
   */
  public static JsonNode read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("there is no configuration file " + file);
    }
    try {
      return YAML.readTree(file.toFile());
    } catch (JacksonException e) {
      String complaint = e.getOriginalMessage();
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      for (Matcher next = COMPLAINT.matcher(complaint); next.find(); ) {
        complaint = next.group(1); // the last says what is wrong
        line = Integer.parseInt(next.group(2));
      }
      String at = line < 1 ? "" : ", line " + line;
      throw new IllegalArgumentException(file + " is not YAML" + at + ": " + complaint, e);
    }
  }
}
