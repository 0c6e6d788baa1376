package io.github.pgqfleet.worker.coop;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.worker.WorkerMain;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Our pgq_coop in a database of its own, called as clients call it, each in its own session. */
@ExtendWith(PgqServerExtension.class)
abstract class CoopTestCase {

  static final SubConsumerId A = new SubConsumerId("orders", "workers", "a");
  static final SubConsumerId B = new SubConsumerId("orders", "workers", "b");
  static final SubConsumerId C = new SubConsumerId("orders", "workers", "c");
  static final Duration LONG = Duration.ofHours(1);

  final TestDatabase database;
  private final List<CoopSession> sessions = new ArrayList<>();

  CoopTestCase(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void installs() {
    database.execute(SqlScript.load(WorkerMain.class, "pgq_coop.sql"));
    database.createQueue("orders");
  }

  @AfterEach
  void closesSessions() throws SQLException {
    for (var session : sessions) {
      session.close();
    }
  }

  final CoopSession session() throws SQLException {
    var session = new CoopSession(database);
    sessions.add(session);
    return session;
  }

  final CoopSession registered(SubConsumerId id) throws SQLException {
    var session = session();
    session.coop.registerSubconsumer(id);
    return session;
  }

  final void tickWith(String... data) {
    database.insertEvents("orders", "test", List.of(data));
    database.tick("orders");
  }

  final List<String> events(long batch) {
    return database.strings("select ev_data from pgq.get_batch_events(?)", batch);
  }

  final List<String> members() {
    return database.strings(
        "select co_name from pgq.subscription join pgq.consumer on co_id = sub_consumer order by"
            + " 1");
  }
}
