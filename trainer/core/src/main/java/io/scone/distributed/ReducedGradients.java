package io.scone.distributed;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolVector;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.Reducer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.SizeTStringMap;
import org.bytedeco.pytorch.SizeTVector;
import org.bytedeco.pytorch.SizeTVectorVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Gradients averaged by c10d's Reducer, the engine of PyTorch's DistributedDataParallel: a bucket
 * of weights is on its way as soon as the last of its gradients is there, while the backward pass
 * goes on.
 */
final class ReducedGradients implements GradientAverage {
  private static final long FIRST_BUCKET_BYTES = 1L << 20; // early on its way
  private static final long BUCKET_BYTES = 25L << 20;
  private static final boolean FIND_UNUSED = false; // every weight gets a gradient
  private static final boolean VIEWS = false; // the optimizer takes gradients away at each step

  private final Reducer reducer;
  private final ProcessGroup group;

  /** Watches the gradients of weights, whose order is that of the forward pass. */
  ReducedGradients(ProcessGroup group, Collection<Tensor> weights) {
    this.group = group;
    TensorVector parameters = new TensorVector(weights.toArray(Tensor[]::new));
    reducer =
        new Reducer(
            parameters,
            buckets(new ArrayList<>(weights)),
            group,
            new BoolVector(new boolean[weights.size()]), // no sparse gradients
            BUCKET_BYTES,
            FIND_UNUSED,
            VIEWS,
            new SizeTStringMap(),
            FIRST_BUCKET_BYTES,
            false,
            false);
  }

  @Override
  public void during(Runnable backward) {
    Peers.together(
        () -> {
          reducer.rebuild_buckets(); // once, after it has seen the order of the gradients
          reducer.prepare_for_forward();
          reducer.prepare_for_backward(new TensorVector());
          backward.run();
          return null;
        });
  }

  @Override
  @SuppressWarnings("try") // the scope works by being open
  public void average(Tensor values) {
    Peers.together(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            group.allreduce(new TensorVector(values))._wait();
            return values.div_(new Scalar(group.getSize()));
          }
        });
  }

  @Override
  public void close() {
    reducer.close();
  }

  /** Returns the numbers of the weights bucket by bucket, those last used first. */
  private static SizeTVectorVector buckets(List<Tensor> weights) {
    List<SizeTVector> buckets = new ArrayList<>();
    SizeTVector bucket = new SizeTVector();
    long bytes = 0;
    for (int i = weights.size() - 1; i >= 0; i--) {
      bucket.push_back(i);
      bytes += weights.get(i).nbytes();
      if (bytes >= (buckets.isEmpty() ? FIRST_BUCKET_BYTES : BUCKET_BYTES) || i == 0) {
        buckets.add(bucket);
        bucket = new SizeTVector();
        bytes = 0;
      }
    }
    return new SizeTVectorVector(buckets.toArray(SizeTVector[]::new));
  }
}
