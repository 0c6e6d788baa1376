package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Looks at the destination how far the handlers are. For one thread. */
final class Watch implements AutoCloseable {

  /**
   * One queue at one moment.
   *
   * @param committed events of committed transactions since the start
   * @param handled events handled since the start
   * @param lagMillis insert to handled, the median of the events handled in the last second; 0 when
   *     there are none
   */
  record Line(long committed, long handled, long lagMillis) {
    static final Line NONE = new Line(0, 0, 0);

    Line plus(Line other) {
      return new Line(
          committed + other.committed,
          handled + other.handled,
          Math.max(lagMillis, other.lagMillis));
    }
  }

  private static final String HANDLED =
      """
      select queue, count(*),
             coalesce(percentile_disc(0.5)
                        within group (order by extract(epoch from handled - inserted) * 1000)
                        filter (where handled > clock_timestamp() - interval '1 second'),
                      0)::bigint
        from app.handled group by queue
      """;

  private final Connection connection;
  private final PreparedStatement handled;
  private final Load.Figures figures;

  Watch(PrivateCluster cluster, Load.Figures figures) throws SQLException {
    this.connection = cluster.connect(Databases.DESTINATION);
    this.handled = connection.prepareStatement(HANDLED);
    this.figures = figures;
  }

  Map<DemoQueue, Line> look() throws SQLException {
    Map<String, Line> byName = new HashMap<>();
    try (ResultSet row = handled.executeQuery()) {
      while (row.next()) {
        byName.put(row.getString(1), new Line(0, row.getLong(2), row.getLong(3)));
      }
    }
    Map<DemoQueue, Line> lines = new EnumMap<>(DemoQueue.class);
    for (DemoQueue queue : DemoQueue.values()) {
      Line line = byName.getOrDefault(queue.queue(), Line.NONE);
      lines.put(queue, new Line(figures.committed(queue), line.handled(), line.lagMillis()));
    }
    return lines;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
