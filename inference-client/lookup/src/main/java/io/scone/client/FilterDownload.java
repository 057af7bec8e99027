package io.scone.client;

import io.grpc.Deadline;
import io.grpc.Status;
import io.scone.fgram.FgramFilter;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetFgramFilterRequest;
import io.scone.v1.GetFgramFilterResponse;
import io.scone.v1.TableSelector;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The f-gram filter of one version of a table as it comes, part after part. */
final class FilterDownload {
  private static final int MAX_PART_BYTES = 4 << 20;

  private final Connection connection;
  private final TableSelector selector;
  private final TableVersion version;
  private final Deadline until;
  private FgramFilter filter;

  FilterDownload(
      Connection connection, TableSelector selector, TableVersion version, Deadline until) {
    this.connection = connection;
    this.selector = selector;
    this.version = version;
    this.until = until;
  }

  /** Returns the filter; empty if the server has none of that version. */
  CompletableFuture<Optional<FgramFilter>> begin() {
    return next(0);
  }

  private CompletableFuture<Optional<FgramFilter>> next(long offset) {
    GetFgramFilterRequest request =
        GetFgramFilterRequest.newBuilder().setSelector(selector).setOffset(offset).build();
    return connection
        .call(EmbeddingServiceGrpc.getGetFgramFilterMethod(), request, until, MAX_PART_BYTES)
        .thenCompose(part -> take(part, offset));
  }

  private CompletableFuture<Optional<FgramFilter>> take(GetFgramFilterResponse part, long offset) {
    if (part.getTotalBytes() == 0 || !part.getServedBy().equals(version)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ByteBuffer bytes = part.getData().asReadOnlyByteBuffer();
    long end = offset + bytes.remaining();
    try {
      if (filter == null) {
        filter = FgramFilter.ofBytes(part.getTotalBytes());
      }
      if (part.getTotalBytes() != filter.size()
          || end == offset
          || end > filter.size()
          || end % FgramFilter.BLOCK_BYTES != 0) {
        throw new IllegalArgumentException("a part up to byte " + end);
      }
    } catch (IllegalArgumentException e) {
      throw new SconeException(
          Status.Code.INTERNAL, "the server's f-gram filter is not used: " + e.getMessage(), e);
    }
    filter.put(offset, bytes);
    return end < filter.size() ? next(end) : CompletableFuture.completedFuture(Optional.of(filter));
  }
}
