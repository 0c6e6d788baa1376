package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** PgQ asks for vacuum only where autovacuum is off, which is the whole server's setting. */
@ExtendWith(PgqServerExtension.class)
class VacuumIT {

  private static final String VACUUMED =
      "select schemaname || '.' || relname from pg_stat_user_tables where vacuum_count > 0";

  @Test
  void vacuumsEveryTableThatPgqListsAndSaysWhichItMayNot(@TempDir Path directory) throws Exception {
    try (var cluster = PrivateCluster.builder().setting("autovacuum", "off").start()) {
      var database = cluster.createPgqDatabase("app");
      database.createQueue("orders");
      var fleet = new TestFleet(directory, database);
      var listed =
          database.strings(
              "select func_arg from pgq.maint_operations() where func_name = 'vacuum'");
      assertThat(listed).hasSize(5);

      try (var session = fleet.open()) {
        assertThat(session.chores(true).maintenance()).isTrue();
        assertThat(session.chores(false).maintenance()).isFalse();
      }
      maintain(fleet, database);
      Await.value(
          "vacuum of " + listed,
          TestFleet.PATIENCE,
          () -> database.strings(VACUUMED),
          vacuumed -> vacuumed.containsAll(listed));
      assertThat(fleet.unwell()).isEmpty();

      database.execute("create role lesser login in role pgq_admin");
      maintain(fleet, new TestDatabase(database.host(), database.port(), "app", "lesser", ""));
      assertThat(fleet.unwell())
          .hasSize(5)
          .contains("maintenance destination/app vacuum(pgq.tick)");
    }
  }

  private static void maintain(TestFleet fleet, TestDatabase as) throws Exception {
    var database = fleet.as(as);
    DatabaseMaintenance.operations(fleet.ticking(), database, new Unhurried());
  }
}
