package io.scone.client;

import io.grpc.Status;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.Limits;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;

/**
 * The table that a client's calls mean, as its server tells of it.
 *
 * @param info what it holds
 * @param splitter makes requests for it that keep the server's limits
 * @param maxReplyBytes the most bytes that a reply within the limits takes
 */
record ServedTable(TableInfo info, RequestSplitter splitter, int maxReplyBytes) {
  /** Room for all that a reply holds besides its rows. */
  private static final long REPLY_BYTES_PER_TOKEN = 16;

  private static final long OTHER_REPLY_BYTES = 1 << 20;

  /**
   * Finds the table that a selector names.
   *
   * @throws SconeException if the server has none of that name
   */
  static ServedTable of(GetServerInfoResponse server, TableSelector selector) {
    String name = selector.getTable();
    TableInfo info =
        server.getTablesList().stream()
            .filter(table -> name.isEmpty() || name.equals(table.getVersion().getTable()))
            .findFirst()
            .orElseThrow(() -> unknown(name, server));
    Limits limits = server.getLimits();
    long replyBytes =
        limits.getMaxRowBytes()
            + REPLY_BYTES_PER_TOKEN * Integer.toUnsignedLong(limits.getMaxTokens())
            + OTHER_REPLY_BYTES;
    return new ServedTable(
        info,
        new RequestSplitter(selector, info, limits),
        (int) Math.min(Integer.MAX_VALUE, replyBytes));
  }

  private static SconeException unknown(String name, GetServerInfoResponse server) {
    return new SconeException(
        Status.Code.NOT_FOUND,
        "there is no table '"
            + name
            + "'; there are "
            + server.getTablesList().stream().map(table -> table.getVersion().getTable()).toList());
  }
}
