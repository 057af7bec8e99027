package io.scone.server;

import com.google.protobuf.UnsafeByteOperations;
import io.scone.fgram.FgramFilter;
import io.scone.v1.GetFgramFilterResponse;
import java.nio.ByteBuffer;

/** The part of a table's f-gram filter that one reply holds. */
final class FilterPart {
  private static final int MOST_BYTES = 1 << 20;

  private FilterPart() {}

  /**
   * Returns the part from an offset on, or nothing while the filter is not made.
   *
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if no part begins there
   */
  static GetFgramFilterResponse of(ServedTable table, long offset) {
    GetFgramFilterResponse.Builder part =
        GetFgramFilterResponse.newBuilder().setServedBy(table.version());
    FgramFilter filter = table.filter();
    if (filter == null) {
      return part.build();
    }
    if (Long.compareUnsigned(offset, filter.size()) >= 0 || offset % FgramFilter.BLOCK_BYTES != 0) {
      throw Failures.malformed(
          "offset",
          "offset is "
              + Long.toUnsignedString(offset)
              + "; the filter has "
              + filter.size()
              + " bytes, in blocks of "
              + FgramFilter.BLOCK_BYTES);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MOST_BYTES, filter.size() - offset));
    filter.get(offset, bytes);
    return part.setTotalBytes(filter.size())
        .setData(UnsafeByteOperations.unsafeWrap(bytes.flip()))
        .build();
  }
}
