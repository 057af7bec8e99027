package io.scone.training;

import io.scone.training.TensorBoard.Event;
import io.scone.training.TensorBoard.SessionLog;
import io.scone.training.TensorBoard.Summary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * An event file, which TensorBoard reads: records that each consist of their length (8 bytes), its
 * checksum, an encoded {@link Event} and its checksum, all little-endian.
 */
final class EventFile {
  private static final String VERSION = "brain.Event:2";
  private static final int FRAME_BYTES = Long.BYTES + 2 * Integer.BYTES;
  private static final int MASK_DELTA = 0xa282ead8;

  private final Path file;

  private EventFile(Path file) {
    this.file = file;
  }

  /**
   * Begins a file in a run's directory, beside those of earlier times.
   *
   * @param step the steps done: what earlier files tell of later ones is void
   */
  static EventFile begin(Path run, long step) throws IOException {
    EventFile begun =
        new EventFile(
            Files.createTempFile(
                run, "events.out.tfevents." + System.currentTimeMillis() / 1000 + ".", ""));
    begun.write(event(0).setFileVersion(VERSION));
    SessionLog start = SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START).build();
    begun.write(event(step + 1).setSessionLog(start));
    return begun;
  }

  /** Adds the values of a step by their names. */
  void add(long step, Map<String, Double> values) throws IOException {
    Summary.Builder summary = Summary.newBuilder();
    values.forEach(
        (name, value) ->
            summary.addValue(
                Summary.Value.newBuilder().setTag(name).setSimpleValue(value.floatValue())));
    write(event(step).setSummary(summary));
  }

  private static Event.Builder event(long step) {
    return Event.newBuilder().setWallTime(System.currentTimeMillis() / 1000.0).setStep(step);
  }

  private void write(Event.Builder event) throws IOException {
    Files.write(file, record(event.build().toByteArray()), StandardOpenOption.APPEND);
  }

  /** Returns a record of encoded bytes. */
  static byte[] record(byte[] event) {
    ByteBuffer record =
        ByteBuffer.allocate(FRAME_BYTES + event.length).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(maskedChecksum(record.array(), Long.BYTES));
    record.put(event).putInt(maskedChecksum(event, event.length));
    return record.array();
  }

  /** Returns the CRC-32C of the first bytes, masked: one of bytes that hold a plain one is bad. */
  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
  }
}
