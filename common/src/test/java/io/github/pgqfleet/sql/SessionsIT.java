package io.github.pgqfleet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PgqServerExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class SessionsIT {

  private final Sessions sessions = new Sessions("sessions test");
  private PrivateCluster cluster;
  private @TempDir Path directory;

  @BeforeAll
  void cluster(PrivateCluster cluster) throws SQLException {
    this.cluster = cluster;
    cluster.execute("postgres", "create table t (v int unique deferrable initially deferred)");
    cluster.execute("postgres", "alter system set synchronous_commit = off");
    cluster.execute("postgres", "alter system set default_transaction_isolation = serializable");
    cluster.execute("postgres", "select pg_reload_conf()");
  }

  @Test
  void setsWhatTheGuaranteesNeedWhateverTheServersDefaults() throws SQLException {
    try (var connection = sessions.open(database(cluster.port(), "postgres", Optional.empty()))) {
      assertThat(shown(connection, "synchronous_commit")).isEqualTo("on");
      assertThat(shown(connection, "transaction_isolation")).isEqualTo("read committed");
      assertThat(shown(connection, "statement_timeout")).isEqualTo("7s");
      assertThat(shown(connection, "lock_timeout")).isEqualTo("3s");
      assertThat(shown(connection, "application_name")).isEqualTo("sessions test");
    }
  }

  @Test
  void setsWhatTheCallerSaysInPlaceOfTheUsual() throws SQLException {
    var own = new Sessions("sessions test", Map.of("synchronous_commit", "local"));
    try (var connection = own.open(database(cluster.port(), "postgres", Optional.empty()))) {
      assertThat(shown(connection, "synchronous_commit")).isEqualTo("local");
      assertThat(shown(connection, "transaction_isolation")).isEqualTo("read committed");
    }
  }

  @Test
  void namesDatabasePlaceUserAndRemedyWhenItCannotConnect() throws Exception {
    assertThatThrownBy(() -> sessions.open(database(cluster.port(), "nix", Optional.empty())))
        .hasMessageContaining("db01/nix at 127.0.0.1:" + cluster.port() + " as postgres")
        .hasMessageContaining("create the database");
    assertThatThrownBy(() -> sessions.open(database(1, "postgres", Optional.empty())))
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageContaining("check that the server runs");
  }

  @Test
  void saysThatItDoesNotKnowAHost() {
    var elsewhere = database("no-such-host.invalid", 5432, "app", Optional.empty());
    assertThatThrownBy(() -> sessions.open(elsewhere))
        .hasMessageContaining("db01/app at no-such-host.invalid:5432")
        .hasMessageContaining("the name of the host is not known here");
  }

  @Test
  void readsAPasswordFileAnewAtEachConnectionAndNeverShowsIt() throws Exception {
    cluster.execute("postgres", "create role clerk login password 'first-secret'");
    var hba = cluster.directory().resolve("data/pg_hba.conf");
    Files.writeString(hba, "host all clerk all scram-sha-256\n" + Files.readString(hba));
    cluster.execute("postgres", "select pg_reload_conf()");
    var file = directory.resolve("password");
    var settings = database(cluster.port(), "postgres", Optional.of(file)).settings();
    var database =
        new Database(
            "db01",
            "postgres",
            new ConnectionSettings(
                settings.host(),
                settings.port(),
                "clerk",
                Optional.empty(),
                Optional.of(file),
                settings.sslMode(),
                settings.connectTimeout(),
                settings.socketTimeout(),
                settings.statementTimeout(),
                settings.lockTimeout()));

    Files.writeString(file, "wrong-secret\n");
    Await.until("pg_hba.conf to be read", Duration.ofSeconds(10), () -> refuses(database));
    assertThatThrownBy(() -> sessions.open(database))
        .hasMessageContaining("check the password")
        .message()
        .doesNotContain("secret");
    Files.writeString(file, "first-secret\n");
    sessions.open(database).close();
  }

  private boolean refuses(Database database) {
    try {
      sessions.open(database).close();
      return false;
    } catch (SQLException e) {
      return "28P01".equals(e.getSQLState());
    }
  }

  @Test
  void rollsBackWhatThrowsAndLeavesTheConnectionUsable() throws SQLException {
    try (var connection = sessions.open(database(cluster.port(), "postgres", Optional.empty()))) {
      assertThatThrownBy(
              () ->
                  Transactions.inTransaction(
                      connection,
                      c -> {
                        insert(c, 1);
                        throw new IllegalStateException("enough");
                      }))
          .hasMessage("enough");
      assertThat(count(connection)).isZero();
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @Test
  void tellsARefusedCommitFromOneOfUnknownOutcome() throws SQLException {
    try (var connection = sessions.open(database(cluster.port(), "postgres", Optional.empty()))) {
      assertThatThrownBy(
              () ->
                  Transactions.inTransaction(
                      connection,
                      c -> {
                        insert(c, 1);
                        insert(c, 1);
                        return "";
                      }))
          .isInstanceOf(SQLException.class)
          .isNotInstanceOf(CommitOutcomeUnknownException.class)
          .hasMessageContaining("duplicate key");
      assertThat(count(connection)).isZero();
    }
    try (var connection = sessions.open(database(cluster.port(), "postgres", Optional.empty()))) {
      assertThatThrownBy(
              () ->
                  Transactions.inTransaction(
                      connection,
                      c -> {
                        insert(c, 2);
                        cluster.terminateBackendsOfApplication("sessions test");
                        return "";
                      }))
          .isInstanceOf(CommitOutcomeUnknownException.class);
    }
  }

  private static void insert(Connection connection, int value) throws SQLException {
    try (var statement = connection.prepareStatement("insert into t values (?)")) {
      statement.setInt(1, value);
      statement.executeUpdate();
    }
  }

  private static long count(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select count(*) from t")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String shown(Connection connection, String setting) throws SQLException {
    try (var statement = connection.prepareStatement("select current_setting(?)")) {
      statement.setString(1, setting);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static Database database(int port, String name, Optional<Path> passwordFile) {
    return database("127.0.0.1", port, name, passwordFile);
  }

  private static Database database(
      String host, int port, String name, Optional<Path> passwordFile) {
    return new Database(
        "db01",
        name,
        new ConnectionSettings(
            host,
            port,
            "postgres",
            Optional.empty(),
            passwordFile,
            "prefer",
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(7),
            Duration.ofSeconds(3)));
  }
}
