package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.scone.deploy.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be held of the template for Azure without its compiler and without a cloud. */
@Timeout(60)
class AzureTest {
  private static final Path AZURE = Path.of("..", "azure");

  @TempDir Path directory;

  @Test
  void theTemplateUsesWhatItDeclaresAndLoadsFilesThatThereAre() throws IOException {
    String template = Files.readString(AZURE.resolve("main.bicep"));

    List<String> declared = all("(?m)^(?:param|var|resource) (\\w+) ", template);
    List<String> loaded = all("loadTextContent\\('([^']+)'\\)", template);

    assertFalse(declared.isEmpty());
    for (String name : declared) {
      // The machine and its driver are the end of the chain.
      boolean used = all("\\b(" + name + ")\\b", template).size() > 1;
      assertTrue(used || List.of("cacheServer", "driver").contains(name), name);
    }
    assertEquals(2, loaded.size());
    for (String file : loaded) {
      assertTrue(Files.readString(AZURE.resolve(file)).contains("'ARCHIVE_URL'"), file);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache-server.cloud-init.yaml", "gpu.cloud-init.yaml"})
  void itsFirstStartIsYamlOfShellThatParses(String file) throws IOException, InterruptedException {
    String text = Files.readString(AZURE.resolve(file));

    assertTrue(text.startsWith("#cloud-config\n"), file);
    JsonNode commands = new YAMLMapper().readTree(text).path("runcmd");
    assertFalse(commands.isEmpty());
    for (JsonNode command : commands) {
      Path script = Files.writeString(directory.resolve("script"), command.asText());
      Result result =
          Installation.run(Path.of("/bin/sh"), Map.of(), List.of("-n", script.toString()));
      assertEquals(0, result.code(), result.err());
    }
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(AzureTest::first).toList();
  }

  private static String first(MatchResult match) {
    return match.group(1);
  }
}
