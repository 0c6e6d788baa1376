package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole mover, in this process, on real databases. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class MoverIT {

  private static final String COLUMNS =
      "select concat_ws('|', ev_time, coalesce(ev_type, '-'), coalesce(ev_data, '-'),"
          + " coalesce(ev_extra1, '-'), coalesce(ev_extra2, '-'), coalesce(ev_extra3, '-'),"
          + " coalesce(ev_extra4, '-')) from pgq.event_template order by ev_time, ev_id";

  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
  }

  @Test
  void deliversEveryColumnAsItWas() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.execute(
          """
          select pgq.insert_event('orders', 'typ\u00e9', E'a\\tb\\\\n\u2603', '', null, e'\\n', 'x');
          select pgq.insert_event('orders', null, null);
          select pgq.insert_event('orders', 'big', repeat('0123456789', 100000))""");
      fleet.awaitDrained(source);
    }
    assertThat(destination.strings(COLUMNS)).hasSize(3).isEqualTo(source.strings(COLUMNS));
  }

  @Test
  void keepsTheOrderOfAQueueAndTransactionsWhole() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      for (int transaction = 0; transaction < 20; transaction++) {
        var t = transaction;
        source.insertEvents(QUEUE, "t", IntStream.range(0, 5).mapToObj(n -> t + "-" + n).toList());
        if (transaction % 3 == 0) {
          source.tick(QUEUE);
        }
      }
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived())
        .isEqualTo(IntStream.range(0, 100).mapToObj(i -> i / 5 + "-" + i % 5).toList());
    assertThat(
            destination.number(
                """
                select count(*) from (
                  select split_part(ev_data, '-', 1) from pgq.event_template
                   group by 1 having count(distinct ev_txid) > 1) torn"""))
        .isZero();
  }

  @Test
  void movesAtANotificationWithoutAPoll() throws Exception {
    try (var mover = RunningMover.of(fleet, "poll-interval = 1h")) {
      fleet.awaitPosition(source);
      for (var data : new String[] {"a", "b"}) {
        source.insertEvent(QUEUE, "t", data);
        var tick = source.tick(QUEUE);
        source.execute("notify pgq_tick, 'orders'");
        mover.await(
            "the move to tick " + tick, () -> fleet.position(source).equals("active " + tick));
      }
    }
    assertThat(fleet.arrived()).containsExactly("a", "b");
  }

  @Test
  void neverDeliversWhatWasRolledBack() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "committed");
      try (var connection = source.connect();
          var statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("select pgq.insert_event('orders', 't', 'rolled back')");
        connection.rollback();
      }
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived()).containsExactly("committed");
  }

  @Test
  void movesThePositionOverEmptyBatches() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      var tick = source.tick(QUEUE);
      fleet.awaitDrained(source);
      assertThat(fleet.position(source)).isNotEqualTo("active " + tick);
      var last =
          source.number(
              "select max(tick_id) from pgq.tick join pgq.queue on queue_id = tick_queue");
      assertThat(fleet.position(source)).isEqualTo("active " + last);
    }
    assertThat(fleet.arrived()).isEmpty();
  }

  @Test
  void streamsABatchThatDoesNotFitTheBuffer() throws Exception {
    try (var _ = RunningMover.of(fleet, "buffer-size = 1KiB")) {
      fleet.awaitPosition(source);
      source.execute(
          "select count(pgq.insert_event('orders', 't', n::text)) from generate_series(1, 20000) n");
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived())
        .isEqualTo(IntStream.rangeClosed(1, 20_000).mapToObj(Integer::toString).toList());
  }

  @Test
  void notesTheOriginWhereAsked() throws Exception {
    try (var _ = RunningMover.of(fleet, "origin-column = extra4")) {
      fleet.awaitPosition(source);
      var id = source.insertEvent(QUEUE, "t", "a");
      fleet.awaitDrained(source);
      assertThat(destination.strings("select ev_extra4 from pgq.event_template"))
          .containsExactly("s0/" + source.name() + "/orders/" + id);
    }
  }

  @Test
  void followsARouteToAnotherQueue() throws Exception {
    destination.createQueue("all_orders");
    destination.registerConsumer("all_orders", TestFleet.READER);
    try (var _ = RunningMover.of(fleet, "routes { orders = all_orders }")) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "a");
      fleet.awaitDrained(source);
    }
    destination.tick("all_orders");
    assertThat(destination.consume("all_orders", TestFleet.READER)).containsExactly("a");
    assertThat(fleet.arrived()).isEmpty();
  }

  @Test
  void goesOnWhereAnEarlierRunStopped() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
    }
    source.insertEvent(QUEUE, "t", "while it was stopped");
    source.tick(QUEUE);
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "after");
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived()).containsExactly("while it was stopped", "after");
  }

  @Test
  void registersWhereARegistrationWasCutOff() throws Exception {
    // A crash after the first of its two commits, for one database; after the second, for the
    // other.
    destination.execute(
        "insert into pgq_fleet.position (source, queue_name, consumer_name) values"
            + " (?, 'orders', 'pgq_fleet'), (?, 'orders', 'pgq_fleet')",
        "s0/" + source.name(),
        "s1/" + other.name());
    other.registerConsumer(QUEUE, CONSUMER);
    other.insertEvent(QUEUE, "t", "after the registration");
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "new");
      fleet.awaitDrained(source);
      fleet.awaitDrained(other);
    }
    assertThat(fleet.arrived()).containsExactlyInAnyOrder("after the registration", "new");
  }

  @Test
  void waitsForADestinationThatRefusesAndRecovers() throws Exception {
    try (var mover = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
      destination.execute("update pgq.queue set queue_disable_insert = true");
      source.insertEvent(QUEUE, "t", "a");
      source.tick(QUEUE);
      mover.await("a named failure", () -> mover.health().contains("Writing to queue disabled"));
      destination.execute("update pgq.queue set queue_disable_insert = false");
      fleet.awaitDrained(source);
      mover.await("health", () -> mover.health().isEmpty());
    }
    assertThat(fleet.arrived()).containsExactly("a");
  }

  @Test
  void namesTheDatabasesThatAreNotReadyAndGoesOnWithTheOthers(PgqServer server) throws Exception {
    var bare = server.newEmptyDatabase();
    var old = server.newDatabase();
    old.execute(
        "create or replace function pgq.version() returns text language sql as $$ select '2.1.8' $$");
    fleet.addSource(bare);
    fleet.addSource(old);
    fleet.addSource(source.named("nowhere_" + source.name()));
    try (var mover = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "a");
      fleet.awaitDrained(source);
      mover.await(
          "all three to be named",
          () ->
              mover.health().contains("s2/" + bare.name() + ": PgQ is not installed; install")
                  && mover.health().contains("s3/" + old.name() + ": PgQ 2.1.8 is too old; upgrade")
                  && mover.health().contains("cannot connect to s4/nowhere_" + source.name()));
    }
    assertThat(fleet.arrived()).containsExactly("a");
  }

  @Test
  void recoversWhenItsConnectionsAreCut() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      for (int i = 0; i < 5; i++) {
        source.insertEvent(QUEUE, "t", Integer.toString(i));
        source.tick(QUEUE);
        source.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
                + " where application_name like 'pgq-fleet mover %' and datname = any(?)",
            (Object) new String[] {source.name(), destination.name()});
      }
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived()).containsExactly("0", "1", "2", "3", "4");
  }

  @Test
  void twoMoversShareTheDatabasesAndTakeOver() throws Exception {
    try (var second = RunningMover.of(fleet)) {
      try (var _ = RunningMover.of(fleet)) {
        fleet.awaitPosition(source);
        fleet.awaitPosition(other);
        source.insertEvent(QUEUE, "t", "a");
        fleet.awaitDrained(source);
      }
      source.insertEvent(QUEUE, "t", "b");
      fleet.awaitDrained(source);
      assertThat(second.health()).isEmpty();
    }
    assertThat(fleet.arrived()).containsExactly("a", "b");
  }
}
