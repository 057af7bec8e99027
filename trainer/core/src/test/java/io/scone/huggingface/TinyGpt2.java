package io.scone.huggingface;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.tokenizer.ByteLevelBpe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A GPT-2 of random weights, its files written byte by byte, and what it computes, in float64 and
 * by nobody else's code.
 */
public final class TinyGpt2 {
  /** The bytes and the end-of-text token. */
  public static final int VOCABULARY = 257;

  final int dim;
  final int layers;
  final int heads;
  final int positions;

  /** The weights by GPT-2's names, without any prefix. */
  public final Map<String, float[]> weights = new LinkedHashMap<>();

  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final Random random;

  /** Draws the weights. */
  public TinyGpt2(int dim, int layers, int heads, int positions, long seed) {
    this.dim = dim;
    this.layers = layers;
    this.heads = heads;
    this.positions = positions;
    this.random = new Random(seed);
    add("wte.weight", VOCABULARY, dim);
    add("wpe.weight", positions, dim);
    for (int i = 0; i < layers; i++) {
      String block = "h." + i + ".";
      add(block + "ln_1.weight", dim);
      add(block + "ln_1.bias", dim);
      add(block + "attn.c_attn.weight", dim, 3L * dim);
      add(block + "attn.c_attn.bias", 3L * dim);
      add(block + "attn.c_proj.weight", dim, dim);
      add(block + "attn.c_proj.bias", dim);
      add(block + "ln_2.weight", dim);
      add(block + "ln_2.bias", dim);
      add(block + "mlp.c_fc.weight", dim, 4L * dim);
      add(block + "mlp.c_fc.bias", 4L * dim);
      add(block + "mlp.c_proj.weight", 4L * dim, dim);
      add(block + "mlp.c_proj.bias", dim);
    }
    add("ln_f.weight", dim);
    add("ln_f.bias", dim);
  }

  /** Values that all float types hold exactly: few bits, of the size of one. */
  private void add(String name, long... shape) {
    float[] values = new float[(int) LongStream.of(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextInt(127) - 63) / 128f;
    }
    put(name, values, shape);
  }

  void put(String name, float[] values, long... shape) {
    weights.put(name, values);
    shapes.put(name, shape);
  }

  String config() {
    return """
        {
          "model_type": "gpt2",
          "architectures": ["GPT2LMHeadModel"],
          "activation_function": "gelu_new",
          "layer_norm_epsilon": 1e-05,
          "resid_pdrop": 0.1,
          "n_ctx": %d,
          "n_positions": %d,
          "n_embd": %d,
          "n_layer": %d,
          "n_head": %d,
          "vocab_size": %d
        }
        """
        .formatted(positions, positions, dim, layers, heads, VOCABULARY);
  }

  /** Writes the model's directory: one file of tensors without prefix, in float32. */
  public Path write(Path directory) throws IOException {
    writeConfigs(directory);
    writeTensors(directory.resolve("model.safetensors"), "", Dtype.F32, weights.keySet());
    return directory;
  }

  void writeConfigs(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config());
    Files.write(directory.resolve("tokenizer.json"), new ByteLevelBpe(List.of()).toJson());
  }

  void writeTensors(Path file, String prefix, Dtype dtype, Iterable<String> names)
      throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    for (String name : names) {
      RowCodec codec = new RowCodec(dtype, weights.get(name).length);
      ByteBuffer bytes = ByteBuffer.allocate(codec.rowBytes());
      codec.encode(weights.get(name), 0, bytes);
      String shape =
          LongStream.of(shapes.get(name)).mapToObj(Long::toString).collect(Collectors.joining(","));
      header.append(
          ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
              .formatted(
                  name.startsWith("lm_head") ? name : prefix + name,
                  dtype.name(),
                  shape,
                  data.size(),
                  data.size() + bytes.capacity()));
      data.write(bytes.array());
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, all.putLong(json.length).put(json).put(data.toByteArray()).array());
  }

  /** Returns the logits after each token, [tokens, vocabulary]. */
  public double[][] logits(int[] tokens) {
    double[][] x = new double[tokens.length][dim];
    for (int t = 0; t < tokens.length; t++) {
      for (int i = 0; i < dim; i++) {
        x[t][i] = weights.get("wte.weight")[tokens[t] * dim + i];
        x[t][i] += weights.get("wpe.weight")[t * dim + i];
      }
    }
    for (int layer = 0; layer < layers; layer++) {
      String block = "h." + layer + ".";
      add(x, attention(norm(x, block + "ln_1"), block + "attn."));
      double[][] hidden = linear(norm(x, block + "ln_2"), block + "mlp.c_fc");
      for (double[] row : hidden) {
        for (int i = 0; i < row.length; i++) {
          double v = row[i];
          row[i] = v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        }
      }
      add(x, linear(hidden, block + "mlp.c_proj"));
    }
    double[][] last = norm(x, "ln_f");
    double[][] logits = new double[tokens.length][VOCABULARY];
    for (int t = 0; t < tokens.length; t++) {
      for (int v = 0; v < VOCABULARY; v++) {
        for (int i = 0; i < dim; i++) {
          logits[t][v] += last[t][i] * weights.get("wte.weight")[v * dim + i];
        }
      }
    }
    return logits;
  }

  private double[][] attention(double[][] x, String layer) {
    double[][] qkv = linear(x, layer + "c_attn");
    int width = dim / heads;
    double[][] attended = new double[x.length][dim];
    for (int head = 0; head < heads; head++) {
      int q = head * width;
      for (int t = 0; t < x.length; t++) {
        double[] share = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < width; i++) {
            score += qkv[t][q + i] * qkv[s][dim + q + i];
          }
          share[s] = Math.exp(score / Math.sqrt(width));
          sum += share[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            attended[t][q + i] += share[s] / sum * qkv[s][2 * dim + q + i];
          }
        }
      }
    }
    return linear(attended, layer + "c_proj");
  }

  private double[][] linear(double[][] x, String layer) {
    float[] weight = weights.get(layer + ".weight"); // [in, out]
    float[] bias = weights.get(layer + ".bias");
    double[][] y = new double[x.length][bias.length];
    for (int t = 0; t < x.length; t++) {
      for (int j = 0; j < bias.length; j++) {
        y[t][j] = bias[j];
        for (int i = 0; i < x[t].length; i++) {
          y[t][j] += x[t][i] * weight[i * bias.length + j];
        }
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String layer) {
    double[][] y = new double[x.length][dim];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      double variance = 0;
      for (double v : x[t]) {
        mean += v / dim;
      }
      for (double v : x[t]) {
        variance += (v - mean) * (v - mean) / dim;
      }
      for (int i = 0; i < dim; i++) {
        y[t][i] = (x[t][i] - mean) / Math.sqrt(variance + 1e-5);
        y[t][i] = y[t][i] * weights.get(layer + ".weight")[i] + weights.get(layer + ".bias")[i];
      }
    }
    return y;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }
}
