package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in the destination, at each heartbeat, that this mover is alive and what it leads, and reads
 * the same of the others: one statement. Its row goes when it stops.
 *
 * <p>All by the destination's clock. A row that has not changed for three heartbeats is stale, but
 * only to a mover whose own have come all that time: where the destination was away, so were the
 * others' heartbeats.
 */
final class Heartbeat implements Service {

  private static final String BEAT =
      """
      with mine as (
        insert into pgq_fleet.mover as m
               (mover_id, consumer_name, host, alive_until, steady_since, leads, ready, figures)
        values (?, ?, ?, now() + ?::float8 * interval '1 s', pg_postmaster_start_time(),
                ?, ?, ?::jsonb)
        on conflict (mover_id) do update
           set beat_at = excluded.beat_at, alive_until = excluded.alive_until,
               leads = excluded.leads, ready = excluded.ready, figures = excluded.figures,
               steady_since = case when m.alive_until < now() then now() else m.steady_since end
        returning mover_id, consumer_name, steady_since, alive_until - now() as patience),
      long_dead as (
        delete from pgq_fleet.mover m using mine
         where m.alive_until < now() - interval '1 day' and m.mover_id <> mine.mover_id)
      select m.mover_id, m.leads,
             case when m.alive_until > now() then m.ready else '{}' end,
             m.alive_until > now() or mine.steady_since > now() - mine.patience,
             array(select d.source from pgq_fleet.drain d
                    where d.consumer_name = mine.consumer_name and d.state = 'drained')
        from mine
        left join pgq_fleet.mover m
          on m.consumer_name = mine.consumer_name and m.mover_id <> mine.mover_id""";

  private final MoverId self;
  private final MoverConfig config;
  private final Sessions sessions;
  private final Sharing sharing;
  private final Supplier<String> figures;
  private final Runnable firstBeat;
  private final Set<String> ended = new HashSet<>();
  private boolean hasBeaten;

  /**
   * @param figures what to show in {@code mover status}, as JSON
   * @param firstBeat runs once, when the first heartbeat has told what the others lead
   */
  Heartbeat(
      MoverId self,
      MoverConfig config,
      Sessions sessions,
      Sharing sharing,
      Supplier<String> figures,
      Runnable firstBeat) {
    this.self = self;
    this.config = config;
    this.sessions = sessions;
    this.sharing = sharing;
    this.figures = figures;
    this.firstBeat = firstBeat;
  }

  @Override
  public String name() {
    return "heartbeat " + destination();
  }

  /** Back at once when the destination is, lest the others think it dead. */
  @Override
  public Duration longestPause() {
    return config.heartbeat();
  }

  @Override
  public Part part() {
    return Part.ESSENTIAL;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    try (var connection = sessions.open(destination())) {
      do {
        beat(connection);
        context.succeeded();
      } while (context.sleep(config.heartbeat()));
      withdraw(connection);
    }
  }

  private Database destination() {
    return config.fleet().destination();
  }

  private void beat(Connection connection) throws SQLException {
    var roster = exchange(connection);
    sharing.heard(roster);
    endSessionsOfDead(connection, roster.dead());
    if (!hasBeaten) {
      hasBeaten = true;
      firstBeat.run();
    }
  }

  private Roster exchange(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement(BEAT)) {
      statement.setString(1, self.id());
      statement.setString(2, config.consumer());
      statement.setString(3, self.host());
      statement.setDouble(4, Sharing.patience(config.heartbeat()).toMillis() / 1000.0);
      statement.setArray(5, array(connection, sharing.leads()));
      statement.setArray(6, array(connection, sharing.ready()));
      statement.setString(7, figures.get());
      var peers = new ArrayList<Roster.Peer>();
      var dead = new HashSet<String>();
      Set<String> drained = Set.of();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          drained = texts(rows.getArray(5));
          var id = rows.getString(1);
          if (id == null) {
            continue; // there is no other
          }
          if (rows.getBoolean(4)) {
            peers.add(new Roster.Peer(id, texts(rows.getArray(2)), texts(rows.getArray(3))));
          } else {
            dead.add(id);
          }
        }
      }
      return new Roster(peers, dead, drained);
    }
  }

  /** Once a death: a session that it opens later is that of one that lives again. */
  private void endSessionsOfDead(Connection connection, Set<String> dead) throws SQLException {
    ended.retainAll(dead);
    var news = new HashSet<>(dead);
    news.removeAll(ended);
    // Half-done transactions there hold locks on the rows of positions.
    MoverSessions.end(connection, news);
    ended.addAll(news);
  }

  private void withdraw(Connection connection) throws SQLException {
    try (var statement =
        connection.prepareStatement("delete from pgq_fleet.mover where mover_id = ?")) {
      statement.setString(1, self.id());
      statement.executeUpdate();
    }
  }

  private static Array array(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  private static Set<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? Set.of() : Set.copyOf(Arrays.asList((String[]) array.getArray()));
  }
}
