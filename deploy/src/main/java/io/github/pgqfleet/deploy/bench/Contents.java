package io.github.pgqfleet.deploy.bench;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which events some queues hold: how many, and the sum of a hash of each one's time, type, data and
 * extra columns. Sums of parts are comparable with the whole, whatever the order.
 */
record Contents(long events, BigDecimal checksum) {
  static final Contents NONE = new Contents(0, BigDecimal.ZERO);

  private static final int AT_ONCE = 4;

  /** Whatever is in the queue's tables, delivered or not; empty batches have nothing there. */
  static Contents of(Connection connection, String queue) throws SQLException {
    return ofRows(connection, table(connection, queue));
  }

  /**
   * Those of some rows.
   *
   * @param rows what a {@code from} begins, a relation with the columns of an event
   */
  static Contents ofRows(Connection connection, String rows) throws SQLException {
    String sql =
        """
        select count(*),
               coalesce(sum(hashtextextended(
                 row(ev_time, ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4)::text,
                 0)::numeric), 0)
          from %s
        """
            .formatted(rows);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Contents(row.getLong(1), row.getBigDecimal(2));
    }
  }

  /** The table that all event tables of a queue inherit from. */
  static String table(Connection connection, String queue) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select pgq.quote_fqname(queue_data_pfx) from pgq.queue where queue_name = ?")) {
      statement.setString(1, queue);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  /** Those of each queue, in all sources together. */
  static Map<String, Contents> of(Moved moved) throws InterruptedException {
    Map<String, Contents> sum = new TreeMap<>();
    Each.of(
            "read the events of the sources",
            moved.sources(),
            AT_ONCE,
            source -> of(source, moved.queues()))
        .forEach(
            one -> one.forEach((queue, contents) -> sum.merge(queue, contents, Contents::plus)));
    return sum;
  }

  /**
   * Those of each queue, in all sources together, that have come since.
   *
   * @param before what {@link #of(Moved)} said
   */
  static Map<String, Contents> since(Map<String, Contents> before, Moved moved)
      throws InterruptedException {
    Map<String, Contents> written = of(moved);
    before.forEach((queue, contents) -> written.merge(queue, contents, Contents::minus));
    return written;
  }

  /** Those of each queue in one database. */
  static Map<String, Contents> of(Source database, List<String> queues) throws SQLException {
    Map<String, Contents> contents = new TreeMap<>();
    try (Connection connection = database.connect()) {
      for (String queue : queues) {
        contents.put(queue, of(connection, queue));
      }
    }
    return contents;
  }

  Contents plus(Contents other) {
    return new Contents(events + other.events, checksum.add(other.checksum));
  }

  Contents minus(Contents other) {
    return new Contents(events - other.events, checksum.subtract(other.checksum));
  }

  /** How many events there are in all queues. */
  static long events(Map<String, Contents> contents) {
    return contents.values().stream().mapToLong(Contents::events).sum();
  }

  /**
   * The audit: whether exactly the events that a candidate was to move or to handle are there.
   *
   * @throws BenchFailure when they are not; a fast candidate that is wrong is not to be measured
   */
  static void requireSame(
      String candidate, Map<String, Contents> expected, Map<String, Contents> delivered) {
    expected.forEach(
        (queue, contents) -> {
          Contents there = delivered.getOrDefault(queue, NONE);
          if (there.events != contents.events) {
            throw new BenchFailure(
                "%s delivered %d of the %d events of queue %s"
                    .formatted(candidate, there.events, contents.events, queue));
          }
          if (there.checksum.compareTo(contents.checksum) != 0) {
            throw new BenchFailure(
                "%s delivered %d events of queue %s, but other ones than it should have"
                    .formatted(candidate, there.events, queue));
          }
        });
  }
}
