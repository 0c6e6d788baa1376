package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * PgQ on a server that allows no extension: the administrator of managed PostgreSQL owns databases
 * and may create roles, and is no superuser.
 */
@ExtendWith(PgqServerExtension.class)
class PlainSqlPgqIT {

  private final TestDatabase source;
  private final TestDatabase destination;
  private final TestDatabase superuser;
  private final Path script;
  private final Path config;
  @TempDir private Path directory;

  PlainSqlPgqIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    superuser = TestDatabase.at(cluster.jdbcUrl("postgres"));
    superuser.execute("create role administrator login createrole");
    source = own("app");
    destination = own("central");
    script = cluster.installation().pgqSql();
    config = configOf("administrator", directory);
  }

  private TestDatabase own(String name) {
    superuser.execute("create database " + name + " owner administrator");
    return superuser.named(name);
  }

  private Path configOf(String role, Path in) {
    return new TestFleet(in, as(source, role), as(destination, role))
        .queues("orders { ticker-max-lag = 250ms }")
        .configFile();
  }

  private static TestDatabase as(TestDatabase database, String role) {
    return new TestDatabase(database.host(), database.port(), database.name(), role, "");
  }

  private record Result(int exitCode, String output) {}

  private static Result ticker(Path config, String... arguments) {
    var all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--config", config.toString()));
    try (var process =
        FleetProcess.ofModule("ticker").arguments(all.toArray(String[]::new)).start()) {
      return new Result(process.exitCode(PATIENCE), process.output());
    }
  }

  @Test
  void isInstalledWhereNoExtensionMayBeCreatedAndTicksLikeAnyOther() throws IOException {
    var refused = ticker(config, "provision");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.output())
        .contains("s0/app: cannot create extension pgq", "--pgq-sql FILE installs PgQ without");

    var dry = ticker(config, "provision", "--pgq-sql", script.toString(), "--dry-run");
    assertThat(dry.exitCode()).as(dry.output()).isZero();
    assertThat(dry.output().lines())
        .contains("\\i '" + script + "'", "select pgq.create_queue('orders');")
        .doesNotContain("create extension pgq;")
        .hasSizeLessThan(20);
    assertHasNoPgq();

    var done = ticker(config, "provision", "--pgq-sql", script.toString());
    assertThat(done.exitCode()).as(done.output()).isZero();
    assertThat(done.output()).contains("provision: created=4 failed=0");
    for (var database : List.of(source, destination)) {
      assertThat(database.strings("select extname from pg_extension")).containsExactly("plpgsql");
      assertThat(
              database.strings(
                  "select concat_ws('|', queue_name, queue_ticker_max_lag) from pgq.queue"))
          .containsExactly("orders|00:00:00.25");
    }
    // A PgQ that is there is not installed again, in whatever way it came.
    assertThat(ticker(config, "provision").output()).contains("created=0 failed=0");
    assertThat(ticker(config, "provision", "--pgq-sql", script.toString()).output())
        .contains("created=0 failed=0");

    as(source, "administrator").execute("create role pgq_ticker login in role pgq_admin");
    superuser.execute("grant pg_monitor to pgq_ticker");
    var ofTicker = configOf("pgq_ticker", Files.createDirectory(directory.resolve("ticker")));
    var check = ticker(ofTicker, "check");
    assertThat(check.exitCode()).as(check.output()).isZero();
    source.registerConsumer("orders", "reader");
    source.insertEvents("orders", "new", List.of("a", "b"));
    source.execute("select pgq.force_tick('orders')");
    var once = ticker(ofTicker, "once");
    assertThat(once.exitCode()).as(once.output()).isZero();
    assertThat(source.consume("orders", "reader")).containsExactly("a", "b");
  }

  @Test
  void isInstalledWholeOrNotAtAll() throws IOException {
    // So many statements that the driver does not send them all at once.
    var broken =
        Files.writeString(
            directory.resolve("it's broken.sql"),
            Files.readString(script)
                + "comment on schema pgq is 'so far';\n".repeat(600)
                + "select 1 / 0;");
    var half = ticker(config, "provision", "--pgq-sql", broken.toString());
    assertThat(half.exitCode()).isEqualTo(1);
    assertThat(half.output())
        .contains("s0/app: cannot install PgQ from " + broken, "division by zero");
    assertHasNoPgq();

    var other = Files.writeString(directory.resolve("other.sql"), "create schema pgq;");
    var wrong = ticker(config, "provision", "--pgq-sql", other.toString());
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.output()).contains("s0/app: cannot install PgQ", "it is not the SQL of PgQ");
    assertHasNoPgq();
    assertThat(ticker(config, "provision", "--pgq-sql", broken.toString(), "--dry-run").output())
        .contains("\\i '" + broken.toString().replace("'", "''") + "'");
  }

  @Test
  void isNotInstalledFromAFileThatCannotBeRead() throws IOException {
    var absent = ticker(config, "provision", "--pgq-sql", "/no/such/pgq.sql");
    assertThat(absent.exitCode()).isEqualTo(2);
    assertThat(absent.output()).contains("--pgq-sql", "cannot read /no/such/pgq.sql");
    var binary = Files.write(directory.resolve("binary.sql"), new byte[] {'-', '-', (byte) 0xff});
    var garbled = ticker(config, "provision", "--pgq-sql", binary.toString());
    assertThat(garbled.exitCode()).isEqualTo(2);
    assertThat(garbled.output()).contains(binary + " is not a text in UTF-8");
  }

  private void assertHasNoPgq() {
    for (var database : List.of(source, destination)) {
      assertThat(database.strings("select nspname from pg_namespace where nspname like 'pgq%'"))
          .isEmpty();
    }
    assertThat(superuser.strings("select rolname from pg_roles where rolname like 'pgq%'"))
        .isEmpty();
  }
}
