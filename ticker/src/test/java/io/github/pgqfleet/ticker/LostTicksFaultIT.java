package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server that crashes right after ticks, which are committed without waiting for the disk. */
@ExtendWith(PgqServerExtension.class)
class LostTicksFaultIT {

  private PrivateCluster cluster;
  private TestDatabase database;
  private TestFleet fleet;

  @BeforeEach
  void cluster(@TempDir Path directory) throws SQLException {
    // Nothing but commits that wait for it puts anything on the disk.
    cluster = PrivateCluster.builder().setting("wal_writer_delay", "10s").start();
    database = cluster.createPgqDatabase("app");
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '0s')");
    database.registerConsumer("orders", "reader");
    fleet = new TestFleet(directory, database);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void deliversEachEventOnceWhicheverTicksAreLost() throws SQLException {
    var written = new ArrayList<String>();
    var read = new ArrayList<String>();
    for (int crash = 0; crash < 6; crash++) {
      for (int event = 0; event < 3; event++) {
        var data = crash + "." + event;
        database.insertEvent("orders", "t", data);
        written.add(data);
        tick();
        if (crash % 2 == 1 && event == 1) {
          read.addAll(database.consume("orders", "reader"));
        }
      }
      cluster.restartImmediate();
    }
    tick();
    read.addAll(database.consume("orders", "reader"));
    assertThat(read).isEqualTo(written);
  }

  @Test
  void keepsTheTickThatAnOpenBatchEndsWith() throws SQLException {
    for (int crash = 0; crash < 4; crash++) {
      var data = "event " + crash;
      database.insertEvent("orders", "t", data);
      tick();
      var batch = database.number("select pgq.next_batch('orders', 'reader')");
      var ends = database.number("select sub_next_tick from pgq.subscription");
      cluster.restartImmediate();
      assertThat(database.number("select count(*) from pgq.tick where tick_id = ?", ends))
          .isEqualTo(1);
      assertThat(database.strings("select ev_data from pgq.get_batch_events(?)", batch))
          .isEqualTo(List.of(data));
      database.execute("select pgq.finish_batch(?)", batch);
    }
  }

  private void tick() throws SQLException {
    try (var session = fleet.open()) {
      session.tickDueQueues();
    }
  }
}
