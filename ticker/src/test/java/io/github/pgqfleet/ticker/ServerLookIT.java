package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.ticker.ServerLook.Changed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is committed in a database is seen by the next look at its server. */
@ExtendWith(PgqServerExtension.class)
class ServerLookIT {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TestDatabase app;
  private final TestDatabase other;
  private final ServerLook look;

  ServerLookIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    cluster.createDatabase("app");
    cluster.createDatabase("other");
    this.app = TestDatabase.at(cluster.jdbcUrl("app"));
    this.other = TestDatabase.at(cluster.jdbcUrl("other"));
    for (var database : new TestDatabase[] {app, other}) {
      database.execute("create table t (x integer)");
    }
    var fleet = new TestFleet(directory, app);
    this.look = ServerLook.open(ApplicationName.ticking(), fleet.database(), PATIENCE);
  }

  @BeforeEach
  void lookFirst() throws SQLException {
    var first = look.changed();
    assertThat(first.in("app")).isTrue();
    assertThat(first.in("other")).isTrue();
    awaitQuiet();
  }

  /** Until the sessions of before have left, and reported what they did. */
  private void awaitQuiet() {
    Await.until(
        "nothing to change any more",
        PATIENCE,
        () -> {
          var changed = look.changed();
          return !changed.in("app") && !changed.in("other");
        });
  }

  @Test
  void seesACommitOfASessionThatStays() throws SQLException {
    try (var connection = app.connect()) {
      assertThat(changedBy(connection, "insert into t values (1)").in("app")).isTrue();
      assertThat(changedBy(connection, "insert into t values (2)").in("app")).isTrue();
      assertThat(look.changed()).isSameAs(Changed.NOWHERE);
    }
  }

  @Test
  void seesACommitOfASessionThatComesAndGoes() throws SQLException {
    for (int i = 0; i < 20; i++) {
      app.execute("insert into t values (1)");
      assertThat(look.changed().in("app")).isTrue();
    }
  }

  @Test
  void seesACommitOfASessionThatLeavesAtOnce() throws SQLException {
    for (int i = 0; i < 20; i++) {
      var connection = app.connect();
      var before = look.changed();
      assertThat(before.in("other")).isFalse();
      execute(connection, "insert into t values (1)");
      connection.close();
      assertThat(look.changed().in("app")).isTrue();
    }
  }

  @Test
  void seesOnlyTheDatabaseWhereItWas() throws SQLException {
    try (var here = app.connect();
        var there = other.connect()) {
      execute(there, "insert into t values (1)");
      look.changed();
      execute(here, "insert into t values (1)");
      var changed = look.changed();
      assertThat(changed.in("app")).isTrue();
      assertThat(changed.in("other")).isFalse();
      execute(there, "insert into t values (1)");
      changed = look.changed();
      assertThat(changed.in("app")).isFalse();
      assertThat(changed.in("other")).isTrue();
    }
  }

  @Test
  void seesTheCommitOfALongTransaction() throws SQLException {
    try (var slow = app.connect();
        var busy = other.connect()) {
      slow.setAutoCommit(false);
      execute(slow, "insert into t values (1)");
      execute(busy, "insert into t values (1)");
      look.changed();
      execute(busy, "insert into t values (1)");
      assertThat(look.changed().in("app")).isFalse();
      slow.commit();
      assertThat(look.changed().in("app")).isTrue();
    }
  }

  @Test
  void takesASessionThatCannotBeSeenForAChange() throws SQLException {
    app.execute("alter role postgres in database app set track_activities = off");
    try (var silent = app.connect();
        var busy = other.connect()) {
      look.changed();
      execute(busy, "insert into t values (1)");
      assertThat(look.changed().in("app")).isTrue();
      execute(silent, "insert into t values (1)");
      assertThat(look.changed().in("app")).isTrue();
    }
  }

  /** Commits at any moment of the look: each must be in that look's answer, or in the next. */
  @Test
  void missesNoneOfManyCommitsAtOnce() throws Exception {
    var random = new Random(11);
    try (var here = app.connect();
        var there = other.connect()) {
      for (int i = 0; i < 100; i++) {
        awaitQuiet();
        var stays = random.nextBoolean();
        var writer =
            Thread.ofVirtual()
                .start(
                    () -> {
                      if (stays) {
                        executeUnchecked(here, "insert into t values (1)");
                      } else {
                        app.execute("insert into t values (1)");
                      }
                    });
        executeUnchecked(there, "insert into t values (1)");
        var during = look.changed().in("app");
        writer.join();
        var after = look.changed().in("app");
        assertThat(during || after).as("commit " + i).isTrue();
      }
    }
  }

  private Changed changedBy(Connection connection, String sql) throws SQLException {
    execute(connection, sql);
    return look.changed();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void executeUnchecked(Connection connection, String sql) {
    try {
      execute(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
