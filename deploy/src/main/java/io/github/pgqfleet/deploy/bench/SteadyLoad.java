package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.util.List;

/**
 * A batch in each queue each second: in each database one transaction writes, and another ticks and
 * notifies as our ticker does. The first word of an event's data is its database. Any event makes a
 * tick due here.
 *
 * @param moved the queues
 * @param size of the batches
 */
record SteadyLoad(Moved moved, Backlog.Size size) {
  private static final int AT_ONCE = 4;

  private static final String TICK =
      """
      select pg_notify('pgq_tick', queue)
        from unnest('{%s}'::text[]) queue where pgq.ticker(queue) is not null
      """;

  /** Goes on until it is closed. */
  Load start() throws SQLException {
    String queues = String.join(",", moved.queues());
    return Load.start(moved.sources(), 1, List.of(write(queues), TICK.formatted(queues)));
  }

  /** About a batch of each queue. */
  long eventsPerSecond() {
    return (long) moved.size() * size.batchEvents();
  }

  /** A batch in each queue, once; several databases at the same time. */
  void once() throws InterruptedException {
    String queues = String.join(",", moved.queues());
    var _ =
        Each.of(
            "write into the queues",
            moved.sources(),
            AT_ONCE,
            source -> {
              try (var connection = source.connect()) {
                Sql.execute(connection, write(queues));
                Sql.execute(connection, TICK.formatted(queues));
                return source;
              }
            });
  }

  /** Ticks each queue; the load may have ended between its two transactions. */
  void tick() throws InterruptedException {
    moved.each(
        "tick the queues",
        (connection, _, queue) -> Sql.execute(connection, TICK.formatted(queue)));
  }

  private String write(String queues) {
    return """
        select pgq.insert_event(queue, 'load', rpad(current_database() || ' ', %d, 'x'))
          from unnest('{%s}'::text[]) queue, generate_series(1, %d)
        """
        .formatted(size.eventBytes(), queues, size.batchEvents());
  }
}
