package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReloaderTest {
  @TempDir private Path directory;
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @Test
  void changesAreTakenUpAfterOnesThatCouldNotBeInWhateverWay() throws Exception {
    put("good");
    try (Reloader reloader = new Reloader(Duration.ofMillis(5))) {
      reloader.watch(List.of(directory.resolve("file")), this::take);
      assertEquals("good", seen.take());
      for (String contents : List.of("unusable", "a bug", "good again")) {
        put(contents);
        assertEquals(contents, seen.take());
      }
      assertEquals(2, reloader.failures());
    }
  }

  private void put(String contents) throws IOException {
    Path file = Files.writeString(directory.resolve("next"), contents);
    Files.move(file, directory.resolve("file"), StandardCopyOption.ATOMIC_MOVE);
  }

  private void take(List<byte[]> files) throws IOException {
    String contents = new String(files.get(0), StandardCharsets.UTF_8);
    seen.add(contents);
    if (contents.equals("unusable")) {
      throw new IOException("the file cannot be used");
    }
    if (contents.equals("a bug")) {
      throw new IllegalStateException();
    }
  }
}
