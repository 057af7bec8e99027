package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.Map;

/**
 * Tensors over memory of a GPU, which the Java API of ONNX Runtime takes but cannot make.
 *
 * <p>ONNX Runtime's C API is a table of functions to which releases only add, so a function's place
 * in it stays; the Java API keeps the table's address in a private field. Two of its functions make
 * a tensor over given memory, and the Java class's own private constructor wraps it. Such a tensor
 * may be an input of a run or take one of its outputs; reading it from Java ends the process.
 */
final class DeviceTensors implements AutoCloseable {
  /** Places in the table, {@code struct OrtApi} of onnxruntime_c_api.h. */
  private static final int GET_ERROR_MESSAGE = 2;

  private static final int CREATE_TENSOR_WITH_DATA = 49;
  private static final int CREATE_MEMORY_INFO = 68;
  private static final int RELEASE_STATUS = 93;
  private static final int RELEASE_MEMORY_INFO = 94;

  /** {@code OrtDeviceAllocator} and {@code OrtMemTypeDefault} of the C API. */
  private static final int DEVICE_ALLOCATOR = 0;

  private static final int DEFAULT_MEMORY = 0;

  /** What the C API calls types, {@code ONNXTensorElementDataType}; Java's numbers are others. */
  private static final Map<OnnxJavaType, Integer> ELEMENT_TYPES =
      Map.of(
          OnnxJavaType.FLOAT, 1,
          OnnxJavaType.INT32, 6,
          OnnxJavaType.INT64, 7,
          OnnxJavaType.FLOAT16, 10,
          OnnxJavaType.BFLOAT16, 16);

  private final Pointer functions;
  private final Constructor<TensorInfo> newInfo;
  private final Constructor<OnnxTensor> newTensor;
  private final Pointer memoryInfo;

  /** Makes tensors over the memory of a device: {@code Cuda} and a number, or {@code Cpu} and 0. */
  DeviceTensors(String allocator, int number) {
    try {
      Field table = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
      table.setAccessible(true);
      functions = new Pointer(table.getLong(null));
      newInfo =
          TensorInfo.class.getDeclaredConstructor(
              long[].class, OnnxJavaType.class, TensorInfo.OnnxTensorType.class);
      newInfo.setAccessible(true);
      newTensor = OnnxTensor.class.getDeclaredConstructor(long.class, long.class, TensorInfo.class);
      newTensor.setAccessible(true);
      Memory made = new Memory(Native.POINTER_SIZE);
      call(CREATE_MEMORY_INFO, allocator, DEVICE_ALLOCATOR, number, DEFAULT_MEMORY, made);
      memoryInfo = made.getPointer(0);
    } catch (ReflectiveOperationException | OrtException e) {
      throw new InferenceException("this ONNX Runtime cannot make tensors over a GPU's memory", e);
    }
  }

  /**
   * Returns a tensor over memory of the device, which must live as long as the tensor. Closing the
   * tensor does not free it.
   */
  OnnxTensor over(long address, OnnxJavaType type, long... shape) throws OrtException {
    long bytes = type.size;
    for (long extent : shape) {
      bytes *= extent;
    }
    Memory extents = new Memory((long) Long.BYTES * shape.length);
    extents.write(0, shape, 0, shape.length);
    Memory made = new Memory(Native.POINTER_SIZE);
    call(
        CREATE_TENSOR_WITH_DATA,
        memoryInfo,
        new Pointer(address),
        bytes,
        extents,
        (long) shape.length,
        ELEMENT_TYPES.get(type),
        made);
    try {
      TensorInfo info =
          newInfo.newInstance(shape, type, TensorInfo.OnnxTensorType.mapFromJavaType(type));
      return newTensor.newInstance(Pointer.nativeValue(made.getPointer(0)), 0L, info);
    } catch (ReflectiveOperationException e) {
      throw new InferenceException("this ONNX Runtime cannot make tensors over a GPU's memory", e);
    }
  }

  private void call(int place, Object... arguments) throws OrtException {
    Pointer status = (Pointer) function(place).invoke(Pointer.class, arguments);
    if (status != null) {
      Object[] failed = {status};
      String message =
          ((Pointer) function(GET_ERROR_MESSAGE).invoke(Pointer.class, failed)).getString(0);
      function(RELEASE_STATUS).invokeVoid(failed);
      throw new OrtException(message);
    }
  }

  private Function function(int place) {
    return Function.getFunction(functions.getPointer((long) place * Native.POINTER_SIZE));
  }

  @Override
  public void close() {
    function(RELEASE_MEMORY_INFO).invokeVoid(new Object[] {memoryInfo});
  }
}
