package io.scone.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The weights of a model by name: GPT-2's names, linear weights as [in, out]. */
public final class WeightShapes {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  private WeightShapes() {}

  /** Returns the shapes of all weights of both models by name, in the order of a checkpoint. */
  public static Map<String, List<Long>> of(ModelConfig config) {
    ModelConfig.Main main = config.main();
    WeightShapes all = new WeightShapes();
    all.add("wte.weight", main.vocabularySize(), main.dim());
    all.addBlocks("", main.context(), main.layers(), main.dim());
    all.addNorm("ln_f", main.dim());
    if (!config.isBaseline()) {
      ModelConfig.Fgram fgram = config.fgram();
      if (config.isProjected()) {
        all.add(Weights.PROJECT_IN, main.dim(), fgram.dim());
        all.add(Weights.PROJECT_OUT, fgram.dim(), main.dim());
      }
      if (config.hasTransformer()) {
        all.addBlocks(Weights.FGRAM, fgram.maxNgram(), fgram.layers(), fgram.dim());
        all.addNorm(Weights.FGRAM + "ln_f", fgram.dim());
      }
      if (config.hasMemory()) {
        all.add(Weights.MEMORY, fgram.memory(), main.dim());
      }
    }
    return Collections.unmodifiableMap(all.shapes);
  }

  private void addBlocks(String model, long positions, int layers, long dim) {
    add(model + "wpe.weight", positions, dim);
    for (int i = 0; i < layers; i++) {
      String block = model + "h." + i + ".";
      addNorm(block + "ln_1", dim);
      addLinear(block + "attn.c_attn", dim, 3 * dim);
      addLinear(block + "attn.c_proj", dim, dim);
      addNorm(block + "ln_2", dim);
      addLinear(block + "mlp.c_fc", dim, 4 * dim);
      addLinear(block + "mlp.c_proj", 4 * dim, dim);
    }
  }

  private void addLinear(String name, long in, long out) {
    add(name + ".weight", in, out);
    add(name + ".bias", out);
  }

  private void addNorm(String name, long dim) {
    add(name + ".weight", dim);
    add(name + ".bias", dim);
  }

  private void add(String name, long... shape) {
    List<Long> extents = new ArrayList<>();
    for (long extent : shape) {
      extents.add(extent);
    }
    shapes.put(name, List.copyOf(extents));
  }
}
