package io.github.pgqfleet.mover;

/** One event as a row of a binary COPY, undecoded. Not to be changed. */
final class CopyRow {

  /** About what an array and its owner take in memory beside the bytes. */
  static final int OVERHEAD = 48;

  private final int queue;
  private final byte[] bytes;
  private final int offset;

  /**
   * @param queue the number of its destination queue in the route
   * @param bytes holds the row from {@code offset} to its end
   */
  CopyRow(int queue, byte[] bytes, int offset) {
    this.queue = queue;
    this.bytes = bytes;
    this.offset = offset;
  }

  int queue() {
    return queue;
  }

  byte[] bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  /** What it takes in memory, about. */
  int memory() {
    return bytes.length + OVERHEAD;
  }
}
