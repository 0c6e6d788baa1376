package io.github.pgqfleet.mover;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Which column of an event notes where it comes from, as {@code server/database/queue/ev_id}. */
enum OriginColumn {
  NONE,
  EXTRA1,
  EXTRA2,
  EXTRA3,
  EXTRA4;

  private static final String[] COLUMNS = {
    "ev_time", "ev_type", "ev_data", "ev_extra1", "ev_extra2", "ev_extra3", "ev_extra4"
  };

  /**
   * The columns that are written. {@code ev_id} and {@code ev_txid} take the destination's own
   * defaults: its ticker watches that sequence, and its batches go by that transaction.
   */
  static final String TARGET = String.join(", ", COLUMNS);

  /** The same, each in the bytes of its binary form: texts are so by themselves. */
  static final String TARGET_BYTES = TARGET.replace("ev_time", "timestamptz_send(ev_time)");

  /** How many they are. */
  static final int COUNT = COLUMNS.length;

  /**
   * The columns that are read, in the same order.
   *
   * @param prefix what stands before the event's id, as a quoted literal
   */
  String select(String prefix) {
    var replaced = "ev_" + name().toLowerCase(java.util.Locale.ROOT);
    return Arrays.stream(COLUMNS)
        .map(column -> column.equals(replaced) ? prefix + " || e.ev_id" : "e." + column)
        .collect(Collectors.joining(", "));
  }
}
