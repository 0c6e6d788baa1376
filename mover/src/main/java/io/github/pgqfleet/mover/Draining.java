package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/** Waits until source databases are empty, and then until no mover is there. Not thread-safe. */
final class Draining implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final MoverConfig config;
  private final Connection destination;
  private final Drains drains;
  private final PrintWriter out;
  private final List<DrainPoint> waiting = new ArrayList<>();
  private final Set<DrainPoint> emptied = new HashSet<>();
  private int failures;

  Draining(MoverConfig config, Connection destination, PrintWriter out) {
    this.config = config;
    this.destination = destination;
    this.drains = new Drains(destination, config.consumer());
    this.out = out;
  }

  /** Marks the sources, and takes the point up to which each is to be emptied. */
  void begin(List<Database> sources, Sessions sessions) throws SQLException {
    for (var source : sources) {
      drains.begin(source.id());
    }
    for (var source : sources) {
      try {
        waiting.add(new DrainPoint(source, sessions.open(source), config));
      } catch (SQLException e) {
        failed(source, e);
      }
    }
  }

  /**
   * Waits.
   *
   * @return whether all are empty and left
   */
  boolean await(Duration timeout) throws SQLException, InterruptedException {
    var deadline = System.nanoTime() + timeout.toNanos();
    var queues = waiting.size() * config.fleet().queues().size();
    try (var progress = new Progress("drain", queues)) {
      while (true) {
        var movers = MoverRow.all(destination, config.consumer());
        var pending = 0;
        for (var point : List.copyOf(waiting)) {
          pending += look(point, movers);
        }
        progress.stepTo(queues - pending);
        if (waiting.isEmpty()) {
          return failures == 0;
        }
        if (pending > 0 && movers.stream().noneMatch(MoverRow::alive)) {
          out.println(
              "no mover runs, so nothing is delivered; start one with `mover run`, and drain again");
          return false;
        }
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      }
    }
  }

  /** How many of its queues are pending. */
  private int look(DrainPoint point, List<MoverRow> movers) throws SQLException {
    var source = point.database();
    try {
      if (!emptied.contains(point)) {
        var pending = point.pending();
        if (!pending.isEmpty()) {
          failIfUnregistered(pending);
          return pending.size();
        }
        emptied.add(point);
        drains.drained(source.id());
      }
      if (!drains.mayBeLed(source.id()) && !point.hasMovers(movers)) {
        waiting.remove(point);
        point.close();
        out.println(source + ": drained, and no mover is there any more");
        out.flush();
      }
    } catch (SQLException e) {
      waiting.remove(point);
      failed(source, e);
    }
    return 0;
  }

  private void failIfUnregistered(SortedMap<String, Boolean> pending) throws SQLException {
    for (var queue : pending.keySet()) {
      if (Boolean.TRUE.equals(pending.get(queue))) {
        throw new SQLException(
            "consumer \"%s\" is not registered on queue \"%s\"; run `mover provision`"
                .formatted(config.consumer(), queue));
      }
    }
  }

  private void failed(Database source, SQLException e) {
    failures++;
    var text = String.valueOf(e.getMessage());
    out.println(text.contains(source.id()) ? text : source + ": " + text);
    out.flush();
  }

  /** What has not come to its end. */
  List<String> unfinished() throws SQLException {
    var lines = new ArrayList<String>();
    for (var point : waiting) {
      lines.add(
          emptied.contains(point)
              ? point.database() + ": empty, but a mover is still there"
              : point.database() + ": not delivered yet: " + point.pending().keySet());
    }
    return lines;
  }

  @Override
  public void close() throws SQLException {
    for (var point : waiting) {
      point.close();
    }
  }
}
