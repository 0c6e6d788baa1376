package io.github.pgqfleet.mover;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Where the events of a source queue go. Immutable. */
sealed interface Route {

  /** The destination queues, in the order of the numbers that {@link #number} gives them. */
  List<String> queues();

  /** An SQL expression of an event {@code e}: the number of its destination queue, from 0. */
  String number(Connection connection) throws SQLException;

  /** Whether the events of one transaction may part. */
  default boolean splits() {
    return queues().size() > 1;
  }

  /** All into one queue. */
  record Whole(String queue) implements Route {

    @Override
    public List<String> queues() {
      return List.of(queue);
    }

    @Override
    public String number(Connection connection) {
      return "0";
    }
  }

  /**
   * By event type.
   *
   * @param types the queue of each type that has one of its own
   * @param otherwise the queue of all other types, and of events without a type
   */
  record ByType(Map<String, String> types, String otherwise) implements Route {

    public ByType {
      types = Map.copyOf(types);
    }

    @Override
    public List<String> queues() {
      return java.util.stream.Stream.concat(
              types.values().stream().sorted(), java.util.stream.Stream.of(otherwise))
          .distinct()
          .toList();
    }

    @Override
    public String number(Connection connection) throws SQLException {
      var number = new StringBuilder("case e.ev_type");
      for (var type : types.entrySet()) {
        number
            .append(" when ")
            .append(io.github.pgqfleet.sql.Quoting.literal(connection, type.getKey()))
            .append(" then ")
            .append(queues().indexOf(type.getValue()));
      }
      return number.append(" else ").append(queues().indexOf(otherwise)).append(" end").toString();
    }
  }

  /**
   * By a hash of a column: events that are equal there go into the same queue, and so stay in
   * order.
   *
   * @param column a column of PgQ's events
   * @param queues the partitions; another number of them sends most events elsewhere
   */
  record ByHash(HashColumn column, List<String> queues) implements Route {

    public ByHash {
      queues = List.copyOf(queues);
    }

    @Override
    public String number(Connection connection) {
      // What hash-partitioned tables go by: the same in all versions since PostgreSQL 11.
      return "(hashtextextended(coalesce(e.%s, ''), 0) & 2147483647)::int4 %% %d"
          .formatted(column.sql(), queues.size());
    }
  }

  /** The columns that may be hashed. */
  enum HashColumn {
    TYPE,
    DATA,
    EXTRA1,
    EXTRA2,
    EXTRA3,
    EXTRA4;

    String sql() {
      return "ev_" + name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
