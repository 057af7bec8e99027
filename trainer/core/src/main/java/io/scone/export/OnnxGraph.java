package io.scone.export;

import com.google.protobuf.ByteString;
import io.scone.export.Onnx.AttributeProto;
import io.scone.export.Onnx.AttributeProto.AttributeType;
import io.scone.export.Onnx.GraphProto;
import io.scone.export.Onnx.ModelProto;
import io.scone.export.Onnx.NodeProto;
import io.scone.export.Onnx.OperatorSetIdProto;
import io.scone.export.Onnx.StringStringEntryProto;
import io.scone.export.Onnx.TensorProto;
import io.scone.export.Onnx.TensorShapeProto.Dimension;
import io.scone.export.Onnx.TypeProto;
import io.scone.export.Onnx.ValueInfoProto;
import io.scone.row.Dtype;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * An ONNX model under construction: inputs, weights, applications of operators in the order they
 * run, outputs.
 */
final class OnnxGraph {
  /** The operators of ONNX itself. */
  static final String ONNX = "";

  /** ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  /** Stands for an optional input that is left out. */
  static final Value NONE = new Value("");

  private static final int IR_VERSION = 10;
  private static final int ONNX_OPSET = 21;
  private static final int MICROSOFT_OPSET = 1;

  /** External tensors start at whole pages, so that the runtime can map them. */
  private static final long PAGE = 4096;

  /** A tensor in the graph, known by its name. */
  record Value(String name) {}

  /** The type of a tensor's elements; the codes are the format's. */
  enum ElementType {
    FLOAT(1, Float.BYTES),
    UINT8(2, Byte.BYTES),
    INT32(6, Integer.BYTES),
    INT64(7, Long.BYTES),
    FLOAT16(10, Short.BYTES),
    BFLOAT16(16, Short.BYTES);

    private final int code;
    private final int bytes;

    ElementType(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    int code() {
      return code;
    }

    /** Returns the type of values that are stored one by one. */
    static ElementType of(Dtype dtype) {
      return switch (dtype) {
        case F32 -> FLOAT;
        case F16 -> FLOAT16;
        case BF16 -> BFLOAT16;
        case INT8, INT4 -> throw new IllegalArgumentException("no element has the type " + dtype);
      };
    }
  }

  /** The bytes of a weight, made when the model is written. */
  interface Content {
    /** Writes all bytes: the values in row-major order, little-endian. */
    void write(WritableByteChannel out) throws IOException;
  }

  private record Weight(String name, ElementType type, List<Long> shape, Content content) {
    long bytes() {
      return shape.stream().reduce((long) type.bytes, Math::multiplyExact);
    }

    TensorProto.Builder tensor() {
      return TensorProto.newBuilder().setName(name).setDataType(type.code).addAllDims(shape);
    }
  }

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final List<Weight> weights = new ArrayList<>();

  OnnxGraph(String name) {
    graph.setName(name);
  }

  /** Returns a dimension of known extent. */
  static Dimension dim(long extent) {
    return Dimension.newBuilder().setDimValue(extent).build();
  }

  /** Returns a dimension that may differ from call to call. */
  static Dimension dim(String name) {
    return Dimension.newBuilder().setDimParam(name).build();
  }

  /** Declares an input. */
  Value input(String name, ElementType type, Dimension... shape) {
    graph.addInput(info(name, type, shape));
    return new Value(name);
  }

  /** Declares that a value is an output, under its own name. */
  void output(Value value, ElementType type, Dimension... shape) {
    graph.addOutput(info(value.name(), type, shape));
  }

  /** Adds a weight; its content is asked for once, when the model is written. */
  Value weight(String name, ElementType type, List<Long> shape, Content content) {
    weights.add(new Weight(name, type, shape, content));
    return new Value(name);
  }

  /** Adds a constant vector of integers. */
  Value constant(String name, long... values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(ElementType.INT64.code)
            .addDims(values.length)
            .setRawData(ByteString.copyFrom(data)));
    return new Value(name);
  }

  /** Begins an application of one of ONNX's own operators. */
  Node node(String operator) {
    return new Node(ONNX, operator);
  }

  /** Begins an application of an operator of a domain. */
  Node node(String domain, String operator) {
    return new Node(domain, operator);
  }

  /** An application of an operator, complete once it is applied to its inputs. */
  final class Node {
    private final NodeProto.Builder node = NodeProto.newBuilder();

    private Node(String domain, String operator) {
      node.setDomain(domain).setOpType(operator);
    }

    /** Sets an integer parameter. */
    Node with(String name, long value) {
      node.addAttribute(
          AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value));
      return this;
    }

    /** Sets a floating-point parameter. */
    Node with(String name, float value) {
      node.addAttribute(
          AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOAT).setF(value));
      return this;
    }

    /** Sets a textual parameter. */
    Node with(String name, String value) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(name)
              .setType(AttributeType.STRING)
              .setS(ByteString.copyFromUtf8(value)));
      return this;
    }

    /** Returns the one output, under a name made from the operator's. */
    Value apply(Value... inputs) {
      return applyAs(node.getOpType() + "." + graph.getNodeCount(), inputs);
    }

    /** Returns the one output, under the given name. */
    Value applyAs(String output, Value... inputs) {
      return applyAs(List.of(output), inputs).get(0);
    }

    /** Returns the outputs, under the given names. */
    List<Value> applyAs(List<String> outputs, Value... inputs) {
      node.setName(node.getOpType() + "." + graph.getNodeCount()).addAllOutput(outputs);
      for (Value input : inputs) {
        node.addInput(input.name());
      }
      graph.addNode(node);
      return outputs.stream().map(Value::new).toList();
    }
  }

  /**
   * Writes the model; this is done once. Of weights in a file of their own no more is in memory
   * than the one that is being written has.
   *
   * @param file the model's file
   * @param maxInlineBytes weights of more bytes than this altogether go to a file of their own
   *     beside it, {@code <file>.data}; a model file cannot hold 2 GiB
   */
  void write(Path file, long maxInlineBytes) throws IOException {
    GraphProto.Builder complete = graph.clone();
    if (weights.stream().mapToLong(Weight::bytes).sum() > maxInlineBytes) {
      writeExternal(complete, file.resolveSibling(file.getFileName() + ".data"));
    } else {
      for (Weight weight : weights) {
        ByteString.Output data = ByteString.newOutput((int) weight.bytes());
        weight.content.write(Channels.newChannel(data));
        complete.addInitializer(weight.tensor().setRawData(data.toByteString()));
      }
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      ModelProto.newBuilder()
          .setIrVersion(IR_VERSION)
          .setProducerName("scone")
          .addOpsetImport(opset(ONNX, ONNX_OPSET))
          .addOpsetImport(opset(MICROSOFT, MICROSOFT_OPSET))
          .setGraph(complete)
          .build()
          .writeTo(out);
    }
  }

  private void writeExternal(GraphProto.Builder complete, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Weight weight : weights) {
        long offset = (channel.position() + PAGE - 1) / PAGE * PAGE;
        channel.position(offset);
        complete.addInitializer(
            weight
                .tensor()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", file.getFileName().toString()))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(weight.bytes()))));
        weight.content.write(channel);
      }
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static OperatorSetIdProto opset(String domain, int version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static ValueInfoProto info(String name, ElementType type, Dimension... shape) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type.code);
    for (Dimension dimension : shape) {
      tensor.getShapeBuilder().addDim(dimension);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
