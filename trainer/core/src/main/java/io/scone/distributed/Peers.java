package io.scone.distributed;

import java.util.Collection;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.javacpp.chrono.Minutes;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.BackendOptional;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.ReduceOp;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch_cuda;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * The processes of a training job, joined: PyTorch's c10d, with Gloo between CPUs and NCCL between
 * GPUs.
 *
 * <p>Every process calls the same methods in the same order. A call throws {@link
 * IllegalStateException} if another process is gone, which is noticed at once, or if it has not
 * come to the same call within {@value #MINUTES} minutes. For use by one thread.
 */
public final class Peers implements AutoCloseable {
  /** A job of one process. */
  public static final Peers ALONE = new Peers(Rendezvous.ALONE, null, null, null);

  private static final int MINUTES = 10;
  private static final int ANY_MINUTES = 60 * 24 * 365; // in milliseconds far from an overflow
  private static final String INTERFACE = "GLOO_SOCKET_IFNAME"; // as in Python

  private final Rendezvous place;
  private final Store store; // null if alone, as is the rest
  private final ProcessGroup group;
  private final ProcessGroupGloo hosts; // what needs no GPU, and so waits for none
  private int messages;

  private Peers(Rendezvous place, Store store, ProcessGroup group, ProcessGroupGloo hosts) {
    this.place = place;
    this.store = store;
    this.group = group;
    this.hosts = hosts;
  }

  /**
   * Meets the other processes and waits until all have come. On GPUs the process takes the one of
   * its local rank. PyTorch must be loaded.
   *
   * @throws IllegalArgumentException if the machine has fewer GPUs than processes
   * @throws IllegalStateException if the others do not come
   */
  public static Peers join(Rendezvous place, DeviceType device) {
    if (device != DeviceType.CPU) {
      takeGpu(place);
    }
    if (place.size() == 1) {
      return new Peers(place, null, null, null);
    }
    Loader.load(torch_gloo.class);
    return attempt(
        String.format(
            Locale.ROOT,
            "process %d of %d did not meet the others at %s:%d",
            place.rank(),
            place.size(),
            place.host(),
            place.port()),
        () -> {
          Store store = store(place, place.isFirst());
          ProcessGroupGloo hosts = gloo(prefixed("hosts", store), place);
          ProcessGroup group = new ProcessGroup(place.rank(), place.size());
          group.setBackend(
              DeviceType.CPU, ProcessGroup.BackendType.GLOO, new BackendOptional(hosts));
          group.setDefaultBackend(ProcessGroup.BackendType.GLOO);
          if (device != DeviceType.CPU) {
            ProcessGroupNCCL gpus = nccl(prefixed("gpus", store(place, false)), place);
            group.setBackend(device, ProcessGroup.BackendType.NCCL, new BackendOptional(gpus));
            group.setDefaultBackend(ProcessGroup.BackendType.NCCL);
          }
          return new Peers(place, store, group, hosts);
        });
  }

  /** Returns the number of this process, from 0. */
  public int rank() {
    return place.rank();
  }

  /** Returns where this process stands and where they have met. */
  public Rendezvous place() {
    return place;
  }

  /** Returns the number of processes. */
  public int size() {
    return place.size();
  }

  /** Says whether this is the process that writes checkpoints and reports. */
  public boolean isFirst() {
    return place.isFirst();
  }

  /** Tells the other processes what they wait for with {@link #told}; called by the first. */
  public void tell(String message) {
    if (store != null) {
      together(
          () -> {
            store.set(nextMessage(), message);
            return null;
          });
    }
  }

  /**
   * Returns what the first process tells, in the order of its telling. It may work on it for as
   * long as it needs.
   */
  public String told() {
    return together(
        () -> {
          String key = nextMessage();
          try (StringVector keys = new StringVector(key)) {
            store._wait(keys, new Milliseconds(new Minutes(ANY_MINUTES)));
          }
          return store.get_to_str(key);
        });
  }

  /** Returns the sums of each number over all processes. */
  public double[] sum(double... values) {
    return reduce(ReduceOp.RedOpType.SUM, values);
  }

  /** Returns the mean of a number over all processes. */
  public double mean(double value) {
    return sum(value)[0] / size();
  }

  /** Says whether something is so in any of the processes. */
  public boolean any(boolean value) {
    return reduce(ReduceOp.RedOpType.MAX, value ? 1 : 0)[0] > 0;
  }

  /** Says whether a number is the same in all processes. */
  public boolean agree(int value) {
    double[] bounds = reduce(ReduceOp.RedOpType.MAX, value, -(double) value);
    return bounds[0] == -bounds[1];
  }

  /** Waits until all processes have come here. */
  public void await() {
    sum(0);
  }

  /** Gives tensors, alike in all processes, the values they have in the first. */
  @SuppressWarnings("try") // the guard and the scope work by being open
  public void broadcast(Collection<Tensor> tensors) {
    if (group == null) {
      return;
    }
    together(
        () -> {
          try (PointerScope scope = new PointerScope();
              NoGradGuard guard = new NoGradGuard()) {
            for (Tensor tensor : tensors) {
              group.broadcast(new TensorVector(tensor.detach()))._wait();
            }
            return null;
          }
        });
  }

  /** Returns what averages the gradients, which are dense, of weights, which stay the caller's. */
  public GradientAverage average(Collection<Tensor> weights) {
    return group == null ? GradientAverage.ALONE : new ReducedGradients(group, weights);
  }

  @Override
  public void close() {
    if (group != null) {
      group.close();
      hosts.close(); // and with the last of its groups the store
    }
  }

  @SuppressWarnings("try") // the scope works by being open
  private double[] reduce(ReduceOp.RedOpType operation, double... values) {
    if (group == null) {
      return values;
    }
    return together(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            Tensor tensor = AbstractTensor.create(values);
            AllreduceOptions options = new AllreduceOptions().reduceOp(new ReduceOp(operation));
            hosts.allreduce(new TensorVector(tensor), options)._wait();
            double[] reduced = new double[values.length];
            new DoublePointer(tensor.data_ptr()).get(reduced);
            return reduced;
          }
        });
  }

  private String nextMessage() {
    return "message-" + messages++;
  }

  /** Runs what all processes do at the same time, and says so where it fails. */
  static <T> T together(Supplier<T> work) {
    return attempt(
        "another process of the job has ended or does not answer: start the job again to go on"
            + " from its last checkpoint",
        work);
  }

  /** Runs what others take part in; where it fails, that is said before C++'s reason. */
  private static <T> T attempt(String failure, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) { // what C++ throws
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalStateException(failure + " (" + reason + ")", e);
    }
  }

  private static void takeGpu(Rendezvous place) {
    int gpus = torch.cuda_device_count();
    if (place.localRank() >= gpus) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "process %d of this machine has no GPU: PyTorch sees %d",
              place.localRank(),
              gpus));
    }
    if (place.localRank() > 0) { // the first GPU is PyTorch's choice
      torch_cuda.set_device((byte) place.localRank());
    }
  }

  /**
   * Connects with the job's store.
   *
   * @param serves whether this process is where the others find it
   * @return a store that has to become part of one, and only one, by {@link #prefixed}
   */
  private static Store store(Rendezvous place, boolean serves) {
    TCPStoreOptions options = new TCPStoreOptions();
    options.port((short) place.port()); // unsigned
    options.isServer(serves);
    options.timeout(timeout());
    Store store = new TCPStore(place.host(), options);
    leaveToReferences(store);
    return store;
  }

  /** Returns a store whose keys all begin with a name; it has to become a group's. */
  private static Store prefixed(String name, Store store) {
    Store prefixed = new PrefixStore(name, store);
    leaveToReferences(prefixed);
    return prefixed;
  }

  /**
   * Takes a store from Java's garbage collector, which would free it under the group that goes on
   * using it: C++ counts references to it, but not that of the object in Java.
   */
  private static void leaveToReferences(Store store) {
    store.deallocate(false);
  }

  @SuppressWarnings("try") // the output works by being open
  private static ProcessGroupGloo gloo(Store store, Rendezvous place) {
    ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(timeout());
    options.devices(new GlooDeviceVector(device(place)));
    try (StandardOutput output = StandardOutput.silence()) { // it says with whom it is connected
      return new ProcessGroupGloo(store, place.rank(), place.size(), options);
    }
  }

  /** Returns the network that Gloo uses: a chosen one, else this machine's own name's. */
  private static Device device(Rendezvous place) {
    String chosen = System.getenv(INTERFACE);
    if (chosen != null) {
      return ProcessGroupGloo.createDeviceForInterface(chosen);
    }
    return place.localSize() == place.size()
        ? ProcessGroupGloo.createDeviceForHostname("127.0.0.1")
        : ProcessGroupGloo.createDefaultDevice();
  }

  private static ProcessGroupNCCL nccl(Store store, Rendezvous place) {
    Loader.load(torch_nccl.class);
    ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create();
    options.timeout(timeout());
    return new ProcessGroupNCCL(store, place.rank(), place.size(), options);
  }

  private static Milliseconds timeout() {
    return new Milliseconds(new Minutes(MINUTES));
  }
}
