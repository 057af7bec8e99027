package io.scone.cli;

import io.scone.export.RandomBundle;
import io.scone.generation.EngineConfig;
import io.scone.generation.GenerationEngine;
import io.scone.inference.Bundle;
import io.scone.inference.ComputedRows;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.serve.ApiKey;
import io.scone.serve.GenerationServer;
import io.scone.serve.ServeConfig;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A bundle of random weights behind a real HTTP server: each byte is a token. */
final class HttpModel implements AutoCloseable {
  static final String NAME = "small";
  static final String TEXT = "To be, or not to be, that is the question: Whether 'tis nobler";

  /** So long that a request can be of any length that a test wants. */
  static final int CONTEXT = 16384;

  static final ModelConfig.Main MAIN =
      new ModelConfig.Main(RandomBundle.VOCABULARY, CONTEXT, 32, 1, 4);

  private final MainModel model;
  private final RowSource rows;
  private final Tokenizer tokenizer;
  private final GenerationEngine engine;
  private final GenerationServer server;

  private HttpModel(Bundle bundle, RowSource rows, EngineConfig config, Optional<ApiKey> key)
      throws Exception {
    this.rows = rows;
    model = MainModel.open(bundle, Device.CPU, 1);
    tokenizer = Tokenizers.load(bundle.tokenizer());
    engine = GenerationEngine.start(model, rows, tokenizer, config);
    server =
        GenerationServer.start(
            engine,
            new ServeConfig(
                "127.0.0.1",
                0,
                NAME,
                bundle.manifest().modelFingerprint(),
                key,
                new ServeConfig.Limits(4096, 4096, 64 << 10),
                Duration.ofMinutes(1),
                Duration.ofSeconds(30)));
  }

  /** Makes a bundle in a directory. */
  static Bundle bundle(Path directory) throws Exception {
    ModelConfig config = new ModelConfig(MAIN, new ModelConfig.Fgram(3, 1, 4));
    int[][] text = {RandomBundle.tokens(TEXT)};
    return RandomBundle.create(directory, config, text, 1);
  }

  static HttpModel start(Bundle bundle, EngineConfig config) throws Exception {
    return start(bundle, computed(bundle), config);
  }

  static HttpModel start(Bundle bundle, EngineConfig config, String key) throws Exception {
    return new HttpModel(bundle, computed(bundle), config, Optional.of(new ApiKey(key)));
  }

  /** Starts a server over rows of any source, which it closes. */
  static HttpModel start(Bundle bundle, RowSource rows, EngineConfig config) throws Exception {
    return new HttpModel(bundle, rows, config, Optional.empty());
  }

  private static RowSource computed(Bundle bundle) throws Exception {
    return new ComputedRows(
        FgramFile.open(bundle.fgrams()).index(),
        FgramModel.open(bundle, 1),
        new RowCodec(Dtype.F32, bundle.manifest().mainModel().dim()));
  }

  String address() {
    return "http://127.0.0.1:" + server.address().getPort();
  }

  GenerationEngine engine() {
    return engine;
  }

  GenerationServer server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
    engine.close();
    rows.close();
    tokenizer.close();
    model.close();
  }
}
