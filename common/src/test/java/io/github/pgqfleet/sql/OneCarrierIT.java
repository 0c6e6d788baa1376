package io.github.pgqfleet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools in a process that has one carrier of virtual threads, as in a container with one CPU. */
@ExtendWith(PgqServerExtension.class)
class OneCarrierIT {

  private static final int POOLS = 16;
  private static final int CONNECTIONS = 4;
  private static final int VIRTUAL = 20;
  private static final int PLATFORM = 2;

  /**
   * What fills a pool spins until its connection is taken. On the carrier, two that spin leave no
   * room for the virtual threads that would take theirs.
   */
  @Test
  void virtualThreadsGetConnectionsBesidePlatformThreads(PrivateCluster cluster) throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                Borrowers.class.getName(),
                Integer.toString(cluster.port()))
            .inheritIO()
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("all have had one in time").isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** A process that ends when each of its virtual threads has had a connection. */
  static final class Borrowers {

    private Borrowers() {}

    public static void main(String[] args) throws Exception {
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
          });
      var port = Integer.parseInt(args[0]);
      var virtual = new ArrayList<Thread>();
      try (var pools = new Pools(new Sessions("one carrier"))) {
        for (var i = 0; i < POOLS; i++) {
          var database = PoolsIT.database("db" + i, port, Duration.ofSeconds(30));
          var pool = pools.pool(database, CONNECTIONS);
          for (var j = 0; j < PLATFORM; j++) {
            Thread.ofPlatform().daemon().start(() -> borrowOnAndOn(pool));
          }
          for (var j = 0; j < VIRTUAL; j++) {
            virtual.add(Thread.ofVirtual().start(() -> borrow(pool)));
          }
        }
        for (var thread : virtual) {
          thread.join();
        }
        // The others are borrowing still.
        Runtime.getRuntime().halt(0);
      }
    }

    private static void borrowOnAndOn(DataSource pool) {
      while (true) {
        borrow(pool);
      }
    }

    private static void borrow(DataSource pool) {
      try (var connection = pool.getConnection();
          var statement = connection.createStatement()) {
        statement.execute("select 1");
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
