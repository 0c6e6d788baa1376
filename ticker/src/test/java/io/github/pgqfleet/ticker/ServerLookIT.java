package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.ticker.ServerLook.Changed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
  private final TestFleet fleet;
  private final ServerLook look;
  private final Map<String, Long> ticks = new HashMap<>(Map.of("app", 0L, "other", 0L));

  ServerLookIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    cluster.createDatabase("app");
    cluster.createDatabase("other");
    this.app = TestDatabase.at(cluster.jdbcUrl("app"));
    this.other = TestDatabase.at(cluster.jdbcUrl("other"));
    for (var database : new TestDatabase[] {app, other}) {
      database.execute("create table t (x integer)");
    }
    this.fleet = new TestFleet(directory, app);
    this.look = ServerLook.open(ApplicationName.ticking(), fleet.database(), PATIENCE, false);
  }

  @BeforeEach
  void lookFirst() throws SQLException {
    var first = changed();
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
          var changed = changed();
          return !changed.in("app") && !changed.in("other");
        });
  }

  @Test
  void seesACommitOfASessionThatStays() throws SQLException {
    try (var connection = app.connect()) {
      assertThat(changedBy(connection, "insert into t values (1)").in("app")).isTrue();
      assertThat(changedBy(connection, "insert into t values (2)").in("app")).isTrue();
      assertThat(changed()).isSameAs(Changed.NOWHERE);
    }
  }

  @Test
  void seesACommitOfASessionThatComesAndGoes() throws SQLException {
    for (int i = 0; i < 20; i++) {
      app.execute("insert into t values (1)");
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void seesACommitOfASessionThatLeavesAtOnce() throws SQLException {
    for (int i = 0; i < 20; i++) {
      var connection = app.connect();
      var before = changed();
      assertThat(before.in("other")).isFalse();
      execute(connection, "insert into t values (1)");
      connection.close();
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void seesOnlyTheDatabaseWhereItWas() throws SQLException {
    try (var here = app.connect();
        var there = other.connect()) {
      execute(there, "insert into t values (1)");
      changed();
      execute(here, "insert into t values (1)");
      var changed = changed();
      assertThat(changed.in("app")).isTrue();
      assertThat(changed.in("other")).isFalse();
      execute(there, "insert into t values (1)");
      changed = changed();
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
      changed();
      execute(busy, "insert into t values (1)");
      assertThat(changed().in("app")).isFalse();
      slow.commit();
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void takesWhatGoesOnInATransactionForNoChange() throws SQLException {
    try (var slow = app.connect();
        var busy = other.connect()) {
      slow.setAutoCommit(false);
      execute(slow, "insert into t values (1)");
      changedBy(busy, "insert into t values (1)");
      for (int i = 0; i < 5; i++) {
        execute(slow, "insert into t values (1)");
        var changed = changedBy(busy, "insert into t values (1)");
        assertThat(changed.in("app")).isFalse();
        assertThat(changed.in("other")).isTrue();
      }
      slow.commit();
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void seesThatATransactionHasFollowedAnother() throws SQLException {
    try (var connection = app.connect()) {
      connection.setAutoCommit(false);
      execute(connection, "insert into t values (1)");
      changed();
      for (int i = 0; i < 5; i++) {
        connection.commit();
        assertThat(changedBy(connection, "insert into t values (1)").in("app")).isTrue();
      }
      connection.rollback();
    }
  }

  /** As behind a pooler, where a session serves one client after the other. */
  @Test
  void countsASessionThatWasATickersAndIsAnApplicationsNow() throws SQLException {
    try (var session = ticker()) {
      execute(session, "set application_name = 'app'");
      Await.until(
          "the session to count",
          PATIENCE.multipliedBy(2),
          () -> changedBy(session, "update t set x = 1 from txid_current()").in("app"));
    }
  }

  @Test
  void takesASessionThatCannotBeSeenForAChange() throws SQLException {
    app.execute("alter role postgres in database app set track_activities = off");
    try (var silent = app.connect();
        var busy = other.connect()) {
      changed();
      execute(busy, "insert into t values (1)");
      assertThat(changed().in("app")).isTrue();
      execute(silent, "insert into t values (1)");
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void takesSessionsThatItsRoleMayNotSeeForAChange() throws SQLException {
    app.execute("create role unprivileged login");
    var role = new TestDatabase(app.host(), app.port(), app.name(), "unprivileged", "");
    try (var unprivileged =
            ServerLook.open(ApplicationName.ticking(), fleet.as(role), PATIENCE, false);
        var hidden = app.connect();
        var busy = other.connect()) {
      unprivileged.changed(() -> ticks);
      execute(busy, "insert into t values (1)");
      assertThat(unprivileged.changed(() -> ticks).in("app")).isTrue();
      execute(hidden, "insert into t values (1)");
      assertThat(unprivileged.changed(() -> ticks).in("app")).isTrue();
    }
  }

  @Test
  void takesOwnTicksForNoChange() throws SQLException {
    try (var ticker = ticker()) {
      ticks.put("app", 1L);
      assertThat(changed().in("app")).isFalse();
      insertAndReport(ticker);
      assertThat(changed().in("app")).isFalse();
    }
  }

  /** A background worker may have come and gone between two looks. */
  @Test
  void seesARowThatNoSessionHasInserted() throws SQLException {
    try (var ticker = ticker()) {
      ticks.put("app", 1L);
      insertAndReport(ticker);
      assertThat(changed().in("app")).isFalse();
      insertAndReport(ticker);
      assertThat(changed().in("app")).isTrue();
      execute(ticker, "select pg_stat_reset()");
      changed();
      insertAndReport(ticker);
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void countsNoTicksWhileSomeAreMade() throws SQLException {
    try (var ticker = ticker()) {
      ticks.remove("app");
      insertAndReport(ticker);
      assertThat(changed().in("app")).isFalse();
      ticks.put("app", 1L);
      insertAndReport(ticker);
      assertThat(changed().in("app")).isTrue();
    }
  }

  @Test
  void takesAMoverForAChangeOnlyWhereItWrites() throws SQLException {
    try (var mover = app.connect();
        var destination =
            ServerLook.open(ApplicationName.ticking(), fleet.database(), PATIENCE, true)) {
      call(mover, ApplicationNames.MOVER + "test");
      destination.changed(() -> ticks);
      // Any that has a transaction id.
      execute(mover, "update t set x = 1");
      execute(mover, "select txid_current()");
      assertThat(changed().in("app")).isFalse();
      assertThat(destination.changed(() -> ticks).in("app")).isTrue();
    }
  }

  /** Its session does not count, but its rows do, and it reports them at once. */
  private Connection ticker() throws SQLException {
    var connection = app.connect();
    call(connection, ApplicationName.TICKING + "test");
    return connection;
  }

  /** From now on it is no change, by its name; that it has come was one. */
  private void call(Connection connection, String name) throws SQLException {
    execute(connection, "set application_name = '" + name + "'");
    Await.until(
        "the session to be known",
        PATIENCE,
        () -> {
          execute(connection, "select txid_current()");
          return !changed().in("app");
        });
  }

  private static void insertAndReport(Connection connection) throws SQLException {
    execute(connection, "insert into t values (1)");
    execute(connection, "select pg_stat_force_next_flush()");
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
        var during = changed().in("app");
        writer.join();
        var after = changed().in("app");
        assertThat(during || after).as("commit " + i).isTrue();
      }
    }
  }

  private Changed changed() throws SQLException {
    return look.changed(() -> ticks);
  }

  private Changed changedBy(Connection connection, String sql) throws SQLException {
    execute(connection, sql);
    return changed();
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
