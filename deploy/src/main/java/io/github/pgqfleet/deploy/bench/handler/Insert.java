package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.Event;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;

/** The statement of a handler: a row an event. Stateless. */
final class Insert {
  static final String SQL =
      "insert into app.handled (queue, ev_time, ev_type, ev_data) values (?, ?, ?, ?)";

  private Insert() {}

  static void set(PreparedStatement statement, String queue, Event event) throws SQLException {
    statement.setString(1, queue);
    statement.setObject(2, event.time().atOffset(ZoneOffset.UTC));
    statement.setString(3, event.type());
    statement.setString(4, event.data());
  }
}
