package io.github.pgqfleet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FaultProxy;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.Trap;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
class PoolsIT {

  @Test
  void givesOutConnectionsAgainAfterTheFirstWasCutWhileBeingSetUp(PrivateCluster cluster)
      throws Exception {
    try (var proxy = FaultProxy.to("127.0.0.1", cluster.port());
        var isolation =
            new Trap("isolation", Trap.Moment.BEFORE, r -> r.contains("TRANSACTION ISOLATION"));
        var pools = new Pools(new Sessions("pools test"))) {
      proxy.arm(isolation);
      var pool = pools.pool(database(proxy.port()), 1);

      var first = CompletableFuture.supplyAsync(() -> isUsable(pool));
      isolation.await(Duration.ofSeconds(20));
      proxy.cutAll();
      first.join();

      assertThat(isUsable(pool)).isTrue();
    }
  }

  @Test
  void tellsOfTheConnectionsToEachServerAndOfWaitsInVain(PrivateCluster cluster) throws Exception {
    try (var pools = new Pools(new Sessions("pools test"))) {
      var pool = pools.pool(database(cluster.port(), Duration.ofSeconds(1)), 1);
      try (var taken = pool.getConnection()) {
        assertThat(taken.isValid(5)).isTrue();
        assertThat(pools.use("db01")).isEqualTo(new Pools.Use(1, 0, 0));
        assertThat(pools.timeouts("db01")).isZero();

        assertThat(isUsable(pool)).isFalse();
        assertThat(pools.timeouts("db01")).isOne();
      }
      assertThat(pools.use("db01")).isEqualTo(new Pools.Use(0, 1, 0));
      assertThat(pools.use("db02")).isEqualTo(new Pools.Use(0, 0, 0));
      assertThat(pools.timeouts("db02")).isZero();
    }
  }

  private static boolean isUsable(DataSource pool) {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      return statement.execute("select 1")
          && connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED;
    } catch (SQLException e) {
      return false;
    }
  }

  private static Database database(int port) {
    return database(port, Duration.ofSeconds(5));
  }

  private static Database database(int port, Duration connectTimeout) {
    return database("db01", port, connectTimeout);
  }

  static Database database(String id, int port, Duration connectTimeout) {
    return new Database(
        id,
        "postgres",
        new ConnectionSettings(
            "127.0.0.1",
            port,
            "postgres",
            Optional.empty(),
            Optional.empty(),
            "prefer",
            connectTimeout,
            Duration.ofSeconds(10),
            Duration.ofSeconds(7),
            Duration.ofSeconds(3)));
  }
}
