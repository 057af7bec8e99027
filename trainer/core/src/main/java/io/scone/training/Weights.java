package io.scone.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The trained parameters of both models: float32 tensors by name, on one device.
 *
 * <p>The names are GPT-2's; linear weights are [in, out]. The f-gram model's begin with {@link
 * #FGRAM} and lack a token embedding: it reads the main model's.
 */
final class Weights implements AutoCloseable {
  /** The file's name in a checkpoint. */
  static final String FILE = "model.safetensors";

  /** What the names of the f-gram model's weights begin with. */
  static final String FGRAM = "fgram.";

  /** The projection from token embeddings to an f-gram model of another width. */
  static final String PROJECT_IN = FGRAM + "project_in.weight";

  /** The projection from that f-gram model's output to rows. */
  static final String PROJECT_OUT = FGRAM + "project_out.weight";

  /** The f-gram model's memory, [vectors, D]. */
  static final String MEMORY = FGRAM + "memory.weight";

  private static final double DEVIATION = 0.02;

  private final DeviceType device;
  private final Map<String, Tensor> tensors;

  private Weights(DeviceType device, Map<String, Tensor> tensors) {
    this.device = device;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Returns freshly drawn weights: GPT-2's initialisation, the same on every device.
   *
   * @param fgramGain the gain of the f-gram model's last norm
   */
  static Weights initialize(ModelConfig config, long seed, double fgramGain, DeviceType device) {
    torch.manual_seed(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes(config)
        .forEach(
            (name, shape) ->
                tensors.put(name, parameter(device, () -> draw(config, fgramGain, name, shape))));
    return new Weights(device, tensors);
  }

  /**
   * Reads the weights of a checkpoint directory.
   *
   * @throws IOException if they are not those of a model of that shape
   */
  static Weights read(Path checkpoint, ModelConfig config, DeviceType device) throws IOException {
    Safetensors file = Safetensors.open(checkpoint.resolve(FILE));
    Map<String, long[]> shapes = shapes(config);
    if (!file.names().equals(shapes.keySet())) {
      throw new IOException(
          checkpoint + ": " + FILE + " does not hold the tensors of the shape in model.json");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> tensors.put(name, parameter(device, () -> torch.empty(shape))));
    Weights weights = new Weights(device, tensors);
    try {
      for (String name : tensors.keySet()) {
        Torch.read(file, name, tensors.get(name));
      }
    } catch (IOException e) {
      weights.close();
      throw e;
    }
    return weights;
  }

  /**
   * Copies the weights of a trained transformer over those of one of the models: of more position
   * embeddings than the model has its first ones, and projections and a memory only if there are
   * any.
   *
   * @param ofFgramModel whether over those of the f-gram model, or of the main model
   * @throws IOException if they are not of the model's shape or cannot be read
   */
  void copy(PretrainedWeights trained, boolean ofFgramModel) throws IOException {
    for (Map.Entry<String, Tensor> weight : tensors.entrySet()) {
      String name = weight.getKey();
      if (name.startsWith(FGRAM) == ofFgramModel) {
        String own = ofFgramModel ? name.substring(FGRAM.length()) : name;
        boolean optional =
            name.equals(PROJECT_IN) || name.equals(PROJECT_OUT) || name.equals(MEMORY);
        if (!optional || trained.names().contains(own)) {
          copy(trained, own, weight.getValue());
        }
      }
    }
  }

  /** Writes the weights into a checkpoint directory. */
  void write(Path checkpoint) throws IOException {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> sources.put(name, Torch.source(tensor)));
    Safetensors.write(checkpoint.resolve(FILE), sources);
  }

  /** Returns the weight of that name; it stays the property of this object. */
  Tensor get(String name) {
    return tensors.get(name);
  }

  /** Returns all weights by name, in the order of the file. */
  Map<String, Tensor> all() {
    return tensors;
  }

  /** Returns all weights but the memory, by name. */
  Map<String, Tensor> dense() {
    Map<String, Tensor> dense = new LinkedHashMap<>(tensors);
    dense.remove(MEMORY);
    return dense;
  }

  /**
   * Returns the memory, [vectors, D], of which a batch takes few vectors; null if there is none.
   */
  Tensor memory() {
    return tensors.get(MEMORY);
  }

  /** Returns the number of weights, of the f-gram model or of the main model. */
  long count(boolean ofFgramModel) {
    return tensors.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(FGRAM) == ofFgramModel)
        .mapToLong(entry -> entry.getValue().numel())
        .sum();
  }

  /** Returns where the weights are. */
  DeviceType device() {
    return device;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }

  private static Map<String, long[]> shapes(ModelConfig config) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    WeightShapes.of(config)
        .forEach(
            (name, shape) -> shapes.put(name, shape.stream().mapToLong(Long::longValue).toArray()));
    return shapes;
  }

  private static void copy(PretrainedWeights trained, String name, Tensor into) throws IOException {
    List<Long> wanted = Arrays.stream(into.shape()).boxed().toList();
    List<Long> found = trained.shape(name);
    boolean longer =
        name.equals("wpe.weight")
            && found.get(0) > wanted.get(0)
            && found.get(1).equals(wanted.get(1));
    if (!found.equals(wanted) && !longer) {
      throw new IOException(
          String.format(
              "the trained weight '%s' has the shape %s, and the model's asks for %s",
              name, found, wanted));
    }
    Torch.copy(trained.values(name), into);
  }

  private static Tensor draw(ModelConfig config, double fgramGain, String name, long[] shape) {
    boolean addedToResidualRow = config.isResidual() && name.equals(PROJECT_OUT);
    if (name.endsWith(".bias") || addedToResidualRow || name.equals(MEMORY)) {
      return torch.zeros(shape);
    }
    if (shape.length == 1) {
      double gain = name.equals(FGRAM + "ln_f.weight") ? fgramGain : 1;
      return torch.full(shape, new Scalar(gain)); // of a layer norm
    }
    double deviation = DEVIATION;
    if (name.equals(PROJECT_IN) || name.equals(PROJECT_OUT)) {
      deviation = 1 / Math.sqrt((double) shape[0]); // values keep their scale
    }
    if (name.endsWith("c_proj.weight")) {
      // Each block adds two such projections to the residual stream; its variance must not grow.
      int layers = name.startsWith(FGRAM) ? config.fgram().layers() : config.main().layers();
      deviation /= Math.sqrt(2 * layers);
    }
    return torch.randn(shape).mul(new Scalar(deviation));
  }

  private static Tensor parameter(DeviceType device, Supplier<Tensor> values) {
    return Torch.scoped(
        () -> {
          Tensor parameter = values.get().to(new Device(device), ScalarType.Float);
          parameter.requires_grad_(true);
          return parameter.retainReference();
        });
  }
}
