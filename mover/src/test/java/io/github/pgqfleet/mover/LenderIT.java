package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

@ExtendWith(PgqServerExtension.class)
class LenderIT {

  private static final Duration WAIT = Duration.ofSeconds(30);

  @Test
  void lendsTheFirstConnectionWhereOneIsEnough(PgqServer server, @TempDir Path directory)
      throws Exception {
    var database = database(server, directory);
    try (var pools = new Pools(new Sessions("lender test"));
        var other = Executors.newSingleThreadExecutor()) {
      var lender =
          new Lender(pools.pool(database, 1), pools.spare(database, 2), 3, Duration.ofMillis(1));
      int first;
      try (var one = lender.borrow();
          var two = lender.borrow()) {
        first = session(one);
        var third = other.submit(() -> borrowOnce(lender)).get();
        assertThat(Set.of(first, session(two), third)).hasSize(3);
        try (var three = lender.borrow()) {
          assertThat(session(three)).isEqualTo(third);
          assertThat(lender.tryBorrow()).isEmpty();
        }
      }
      // By themselves, both threads would get what they have had last.
      for (var i = 0; i < 3; i++) {
        assertThat(borrowOnce(lender)).isEqualTo(first);
        assertThat(other.submit(() -> borrowOnce(lender)).get()).isEqualTo(first);
      }
      assertThat(pools.use(database.server())).isEqualTo(new Pools.Use(0, 3, 0));
      pools.release(database);
      assertThat(pools.use(database.server())).isEqualTo(new Pools.Use(0, 0, 0));
    }
  }

  @Test
  void opensNoOtherConnectionWhereTheFirstIsSoonGivenBack(PgqServer server, @TempDir Path directory)
      throws Exception {
    var database = database(server, directory);
    try (var pools = new Pools(new Sessions("lender test"));
        var other = Executors.newSingleThreadExecutor()) {
      var lender =
          new Lender(pools.pool(database, 1), pools.spare(database, 1), 2, Duration.ofMinutes(1));
      int first;
      Future<Integer> second;
      try (var one = lender.borrow()) {
        first = session(one);
        second = other.submit(() -> borrowOnce(lender));
      }
      assertThat(second.get()).isEqualTo(first);
      assertThat(pools.use(database.server())).isEqualTo(new Pools.Use(0, 1, 0));
    }
  }

  @Test
  void opensNoOtherConnectionWhileTheFirstIsBeingOpened(PgqServer server, @TempDir Path directory)
      throws Exception {
    var database = database(server, directory);
    try (var pools = new Pools(new Sessions("lender test"))) {
      var pool = pools.pool(database, 1);
      var patience = Duration.ofMillis(1);
      var lender = new Lender(pool, pools.spare(database, 1), 2, patience);
      var first = new FutureTask<>(() -> borrowOnce(lender));
      var second = new FutureTask<>(() -> borrowOnce(lender));
      try (var _ = pool.getConnection()) {
        Thread.ofPlatform().start(first);
        Await.until(
            "the first to wait for its connection",
            WAIT,
            () -> pools.use(database.server()).waiting() == 1);
        // The second is to find that it takes long.
        TimeUnit.NANOSECONDS.sleep(patience.toNanos());
        var thread = Thread.ofPlatform().start(second);
        Await.until(
            "the second to wait", WAIT, () -> thread.getState() == Thread.State.TIMED_WAITING);
      }
      assertThat(second.get()).isEqualTo(first.get());
      assertThat(pools.use(database.server())).isEqualTo(new Pools.Use(0, 1, 0));
    }
  }

  private static Database database(PgqServer server, Path directory) {
    return new TestFleet(directory, server.newDatabase(), server.newDatabase())
        .config()
        .fleet()
        .destination();
  }

  private static int borrowOnce(Lender lender) throws SQLException, InterruptedException {
    try (var loan = lender.borrow()) {
      return session(loan);
    }
  }

  private static int session(Lender.Loan loan) throws SQLException {
    return loan.connection().unwrap(PGConnection.class).getBackendPID();
  }
}
