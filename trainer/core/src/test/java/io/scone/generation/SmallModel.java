package io.scone.generation;

import io.scone.export.RandomBundle;
import io.scone.inference.Bundle;
import io.scone.inference.ComputedRows;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import java.nio.file.Path;
import java.util.Random;

/** A bundle of random weights, opened, and its rows. */
record SmallModel(MainModel main, RowSource rows, Tokenizer tokenizer) implements AutoCloseable {
  static final int CONTEXT = 24;

  /** Makes a bundle in a directory, whose f-grams are of a prompt among others. */
  static SmallModel create(Path directory, int... prompt) throws Exception {
    return create(directory, CONTEXT, prompt);
  }

  static SmallModel create(Path directory, int context, int... prompt) throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, context, 32, 2, 4),
            new ModelConfig.Fgram(3, 1, 4));
    int[] text = new Random(1).ints(4000, 0, 257).toArray();
    Bundle bundle = RandomBundle.create(directory, config, new int[][] {prompt, text}, 1);
    return new SmallModel(
        MainModel.open(bundle, Device.CPU, 1),
        new ComputedRows(
            FgramFile.open(bundle.fgrams()).index(),
            FgramModel.open(bundle, 1),
            new RowCodec(Dtype.F32, 32)),
        Tokenizers.load(bundle.tokenizer()));
  }

  GenerationEngine engine(RowSource source, EngineConfig config) {
    return GenerationEngine.start(main, source, tokenizer, config);
  }

  @Override
  public void close() {
    rows.close();
    tokenizer.close();
    main.close();
  }
}
