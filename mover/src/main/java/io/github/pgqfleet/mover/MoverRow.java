package io.github.pgqfleet.mover;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mover as its last heartbeat shows it. Immutable.
 *
 * @param alive whether its next heartbeat is not overdue
 * @param beatSeconds how long ago its last heartbeat was
 * @param leads the source databases that it leads, or led
 * @param figures what it moves, as JSON
 */
record MoverRow(
    String id, String host, boolean alive, double beatSeconds, List<String> leads, String figures) {

  MoverRow {
    leads = List.copyOf(leads);
  }

  /** The movers of a consumer: those that run first. */
  static List<MoverRow> all(Connection destination, String consumer) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            select mover_id, host, alive_until > now() as alive,
                   extract(epoch from now() - beat_at)::float8 as beat, leads, figures
              from pgq_fleet.mover
             where consumer_name = ?
             order by alive desc, mover_id""")) {
      statement.setString(1, consumer);
      try (var rows = statement.executeQuery()) {
        var movers = new ArrayList<MoverRow>();
        while (rows.next()) {
          movers.add(read(rows));
        }
        return movers;
      }
    }
  }

  private static MoverRow read(ResultSet row) throws SQLException {
    return new MoverRow(
        row.getString("mover_id"),
        row.getString("host"),
        row.getBoolean("alive"),
        row.getDouble("beat"),
        Arrays.asList((String[]) row.getArray("leads").getArray()),
        row.getString("figures"));
  }
}
