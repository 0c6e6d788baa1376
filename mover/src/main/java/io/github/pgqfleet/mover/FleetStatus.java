package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.PrintWriter;
import java.io.Writer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far the mover is, as the databases themselves tell it. Immutable.
 *
 * @param queues every source queue, the one farthest behind first
 * @param unreachable databases that could not be asked, and why
 */
record FleetStatus(List<QueueLag> queues, Map<String, String> unreachable) {

  /**
   * One source queue.
   *
   * @param state {@code active}, {@code registering}, {@code unregistered} when the source has no
   *     consumer, or {@code no position} when the destination does not know it
   * @param pendingEvents an estimate, from the event sequence
   * @param lagSeconds age of the tick up to which everything has been delivered
   * @param leader the client address of the mover that leads the database, empty when none does
   */
  record QueueLag(
      String queue, String state, long pendingEvents, double lagSeconds, String leader) {}

  private static final String LAG =
      """
      select q.queue_name,
             s.sub_id is not null as registered,
             coalesce(pgq.seq_getval(q.queue_event_seq) - t.tick_event_seq, 0) as pending,
             coalesce(extract(epoch from now() - t.tick_time), 0)::float8 as lag,
             coalesce((select coalesce(host(a.client_addr), 'local')
                         from pg_locks l join pg_stat_activity a using (pid)
                        where l.locktype = 'advisory' and l.granted
                          and l.database = (select oid from pg_database
                                             where datname = current_database())
                          and l.classid = hashtext('pgq_fleet mover')::oid
                          and l.objid = hashtext(?)::oid
                        limit 1), '') as leader
        from pgq.queue q
        left join pgq.consumer c on c.co_name = ?
        left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
        left join pgq.tick t on t.tick_queue = q.queue_id and t.tick_id = s.sub_last_tick
       order by q.queue_name""";

  static FleetStatus look(MoverConfig config) throws InterruptedException {
    var sessions = new Sessions("pgq-fleet mover status");
    var unreachable = new TreeMap<String, String>();
    var states = states(config, sessions, unreachable);
    var sources =
        new Checks(sessions, new PrintWriter(Writer.nullWriter())).sources(config.fleet());
    var queues = new ArrayList<QueueLag>();
    Sweep.run(sources, database -> lags(database, config, sessions, states), () -> {})
        .forEach(
            (database, outcome) -> {
              switch (outcome) {
                case Outcome.Done<List<QueueLag>>(var lags) -> queues.addAll(lags);
                case Outcome.Failed<List<QueueLag>>(var reason) ->
                    unreachable.put(database.id(), String.valueOf(reason.getMessage()));
              }
            });
    queues.sort(Comparator.comparingDouble(QueueLag::lagSeconds).reversed());
    return new FleetStatus(queues, unreachable);
  }

  private static Map<String, String> states(
      MoverConfig config, Sessions sessions, Map<String, String> unreachable) {
    var states = new TreeMap<String, String>();
    try (var connection = sessions.open(config.fleet().destination());
        var statement =
            connection.prepareStatement(
                "select source || '/' || queue_name, state from pgq_fleet.position"
                    + " where consumer_name = ?")) {
      statement.setString(1, config.consumer());
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          states.put(rows.getString(1), rows.getString(2));
        }
      }
    } catch (SQLException e) {
      unreachable.put(config.fleet().destination().id(), String.valueOf(e.getMessage()));
    }
    return states;
  }

  private static List<QueueLag> lags(
      Database database, MoverConfig config, Sessions sessions, Map<String, String> states)
      throws SQLException {
    try (var connection = sessions.open(database);
        var statement = connection.prepareStatement(LAG)) {
      statement.setString(1, config.consumer());
      statement.setString(2, config.consumer());
      var lags = new ArrayList<QueueLag>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          if (!config.fleet().queues().containsKey(rows.getString("queue_name"))) {
            continue;
          }
          var name = database.id() + "/" + rows.getString("queue_name");
          var state =
              rows.getBoolean("registered")
                  ? states.getOrDefault(name, "no position")
                  : "unregistered";
          lags.add(
              new QueueLag(
                  name,
                  state,
                  rows.getLong("pending"),
                  rows.getDouble("lag"),
                  rows.getString("leader")));
        }
      }
      return lags;
    }
  }

  /** Prints a table of the queues that are farthest behind, and a summary of all. */
  void print(PrintWriter out, int most) {
    out.printf("%-48s %-12s %10s %9s  %s%n", "QUEUE", "STATE", "PENDING", "LAG_S", "LEADER");
    queues.stream()
        .limit(most)
        .forEach(
            q ->
                out.printf(
                    "%-48s %-12s %10d %9.1f  %s%n",
                    q.queue(), q.state(), q.pendingEvents(), q.lagSeconds(), q.leader()));
    unreachable.forEach((database, why) -> out.println(database + ": " + why));
    out.printf(
        "mover: queues=%d active=%d led=%d pending=%d max_lag_s=%.1f unreachable=%d%n",
        queues.size(),
        queues.stream().filter(q -> q.state().equals("active")).count(),
        queues.stream().filter(q -> !q.leader().isEmpty()).count(),
        queues.stream().mapToLong(QueueLag::pendingEvents).sum(),
        queues.stream().mapToDouble(QueueLag::lagSeconds).max().orElse(0),
        unreachable.size());
  }
}
