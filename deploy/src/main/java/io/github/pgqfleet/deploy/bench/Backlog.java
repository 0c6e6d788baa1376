package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What every candidate has to move, again and again: the same events between the same ticks. The
 * ticks can be held back, so that a candidate that is at work already, and has moved a few as a
 * warm-up, finds all of the others at once. For one thread.
 */
final class Backlog {

  /** The key of an advisory lock in each source that is held as long as the ticks are. */
  static final long GATE = 0x6265_6e63;

  private static final int AT_ONCE = 4;

  /**
   * How much.
   *
   * @param ticks in each queue, the warm-up's included
   * @param warmUpTicks those of the warm-up
   * @param batchEvents events between two ticks
   * @param eventBytes the length of ev_data
   */
  record Size(int ticks, int warmUpTicks, int batchEvents, int eventBytes) {}

  private static final String TABLES =
      """
      create schema bench;
      create table bench.backlog as
        select queue_id, queue_name, max(tick_id) as tick_id
          from pgq.tick join pgq.queue on queue_id = tick_queue group by queue_id, queue_name;
      create table bench.held (like pgq.tick);
      """;

  private static final String HOLD =
      """
      with held as (
        delete from pgq.tick t using bench.backlog b
         where t.tick_queue = b.queue_id and t.tick_id > b.tick_id + ? returning t.*)
      insert into bench.held select * from held
      """;

  /** The notification is our ticker's; who does not listen for it does not mind. */
  private static final String RELEASE =
      """
      with held as (delete from bench.held returning *)
      insert into pgq.tick select * from held;
      select pg_notify('pgq_tick', queue_name) from bench.backlog;
      """;

  private final Moved moved;
  private final Size size;
  private final Map<String, Contents> contents;

  private Backlog(Moved moved, Size size, Map<String, Contents> contents) {
    this.moved = moved;
    this.size = size;
    this.contents = contents;
  }

  /** Writes it, into queues that are empty. */
  static Backlog write(Moved moved, Size size) throws InterruptedException {
    String write = writing(moved, size);
    var _ =
        Each.of(
            "write the backlog",
            moved.sources(),
            AT_ONCE,
            source -> {
              try (var connection = source.connect();
                  var statement = connection.createStatement()) {
                statement.execute("set synchronous_commit = off");
                statement.execute(TABLES);
                return statement.execute(write);
              }
            });
    // Reading them all also sets their hint bits, which otherwise the first candidate would pay
    // for.
    return new Backlog(moved, size, Contents.of(moved));
  }

  /** Each batch is committed before its tick, as applications and a ticker do. */
  private static String writing(Moved moved, Size size) {
    return """
          do $$
          declare
            queue text;
          begin
            for tick in 1..%1$d loop
              foreach queue in array '{%2$s}'::text[] loop
                perform pgq.insert_event(queue, 'load',
                    rpad(format('%%s %%s %%s %%s ', current_database(), queue, tick, number), %3$d, '.'))
                  from generate_series(1, %4$d) number;
              end loop;
              commit;
              foreach queue in array '{%2$s}'::text[] loop
                perform pgq.ticker(queue);
              end loop;
              commit;
            end loop;
          end $$
          """
        .formatted(
            size.ticks(), String.join(",", moved.queues()), size.eventBytes(), size.batchEvents());
  }

  Map<String, Contents> contents() {
    return contents;
  }

  long warmUpEvents() {
    return (long) moved.size() * size.warmUpTicks() * size.batchEvents();
  }

  /** Those that follow the warm-up's. */
  long events() {
    return Contents.events(contents) - warmUpEvents();
  }

  /** Sets a candidate's consumers, registered but not at work yet, back to the first tick. */
  void rewind(Mover mover) throws InterruptedException {
    moved.each(
        "set the consumers of " + mover.name() + " back",
        (connection, source, queue) ->
            Sql.execute(
                connection,
                "select pgq.register_consumer_at(queue_name, ?, tick_id) from bench.backlog"
                    + " where queue_name = ?",
                mover.consumer(source, queue),
                queue));
  }

  /** Holds back all ticks but the warm-up's. */
  Held hold() throws InterruptedException {
    return new Held(
        Each.of("hold the ticks back", moved.sources(), AT_ONCE, source -> hold(source, size)));
  }

  private static Connection hold(Source source, Size size) throws SQLException {
    Connection connection = source.connect();
    try (PreparedStatement statement = connection.prepareStatement(HOLD)) {
      statement.setInt(1, size.warmUpTicks());
      statement.executeUpdate();
      connection.setAutoCommit(false);
      Sql.execute(connection, "set local synchronous_commit = off");
      Sql.execute(connection, "select pg_advisory_xact_lock(?)", GATE);
      Sql.execute(connection, RELEASE);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Ticks that are held back.
   *
   * @param connections to each source, with a transaction that has put the ticks back and is open
   */
  record Held(List<Connection> connections) implements AutoCloseable {
    Held {
      connections = List.copyOf(connections);
    }

    /** Puts them back, at once in all sources, and returns when it began to. */
    Instant release() throws InterruptedException {
      Instant start = Instant.now();
      var _ =
          Each.of(
              "release the ticks",
              connections,
              AT_ONCE,
              connection -> {
                connection.commit();
                return connection;
              });
      return start;
    }

    /** Ends the sessions; ticks that have not been released are lost. */
    @Override
    public void close() throws SQLException {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }
}
