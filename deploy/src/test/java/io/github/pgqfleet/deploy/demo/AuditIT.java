package io.github.pgqfleet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditIT {
  private static final List<String> SOURCES = List.of("app_001", "app_002");

  private final PrivateCluster cluster;

  AuditIT(PrivateCluster cluster) {
    this.cluster = cluster;
  }

  @BeforeAll
  void makesTheDatabases() throws Exception {
    Databases.create(cluster, SOURCES);
  }

  @BeforeEach
  void writesTwoPurchasesOfThreeEvents() throws SQLException {
    cluster.execute(Databases.DESTINATION, "truncate app.handled, app.committed");
    for (String source : SOURCES) {
      cluster.execute(
          source,
          """
          truncate app.purchase restart identity;
          insert into app.purchase (queues) values ('{orders,orders,payments}')
          """);
    }
  }

  @Test
  void findsNothingWrongWhereEveryEventWasHandledOnceAndWhole() throws SQLException {
    SOURCES.forEach(source -> handle(source, 1, "orders 1, orders 2, payments 3", 100));

    Audit audit = audit();
    assertThat(audit.isGood()).isTrue();
    assertThat(audit.line())
        .isEqualTo(
            "audit: databases=2 queues=10 committed=6 processed=6 lost=0 duplicated=0"
                + " rolledback=7 seen_rolledback=0 torn=0 p50_ms=100 p99_ms=100");
  }

  @Test
  void countsWhatWasNeverHandled() throws SQLException {
    handle("app_001", 1, "orders 1, orders 2, payments 3", 100);
    handle("app_002", 1, "payments 3", 100);

    Audit audit = audit();
    assertThat(audit.lost()).isEqualTo(2);
    assertThat(audit.isGood()).isFalse();
  }

  @Test
  void countsWhatWasHandledAgain() throws SQLException {
    SOURCES.forEach(source -> handle(source, 1, "orders 1, orders 2, payments 3", 100));
    handle("app_001", 1, "payments 3", 200);

    Audit audit = audit();
    assertThat(audit.duplicated()).isEqualTo(1);
    assertThat(audit.isGood()).isFalse();
  }

  @Test
  void countsWhatNoCommittedTransactionWrote() throws SQLException {
    SOURCES.forEach(source -> handle(source, 1, "orders 1, orders 2, payments 3", 100));
    handle("app_002", 2, "orders 1", 100);

    Audit audit = audit();
    assertThat(audit.seenRolledBack()).isEqualTo(1);
    assertThat(audit.isGood()).isFalse();
  }

  @Test
  void countsATransactionWhoseEventsOfOneQueueWereHandledApart() throws SQLException {
    handle("app_001", 1, "orders 1, orders 2", 100);
    // The other queue's event may well be handled in another transaction.
    handle("app_001", 1, "payments 3", 100);
    handle("app_002", 1, "orders 1", 100);
    handle("app_002", 1, "orders 2, payments 3", 100);

    Audit audit = audit();
    assertThat(audit.torn()).isEqualTo(1);
    assertThat(audit.lost()).isZero();
    assertThat(audit.duplicated()).isZero();
    assertThat(audit.isGood()).isFalse();
  }

  @Test
  void isNotSatisfiedWithNothing() throws SQLException {
    cluster.execute("app_001", "delete from app.purchase");
    cluster.execute("app_002", "delete from app.purchase");

    Audit audit = audit();
    assertThat(audit.committed()).isZero();
    assertThat(audit.processed()).isZero();
    assertThat(audit.isGood()).isFalse();
  }

  @Test
  void takesTheLatencyOfTheLoadAlone() throws SQLException {
    handle("app_001", 1, "orders 1, orders 2, payments 3", 100);
    handle("app_002", 1, "orders 1, orders 2, payments 3", 60_000);

    Audit audit = audit();
    assertThat(audit.isGood()).isTrue();
    assertThat(audit.processed()).isEqualTo(6);
    assertThat(audit.p99Millis()).isEqualTo(100);
  }

  /** Of a load that began ten seconds ago. */
  private Audit audit() throws SQLException {
    return Audit.of(cluster, SOURCES, 7, Instant.now().minusSeconds(10));
  }

  /** Records events ("queue number, ...") in one transaction, as a handler does. */
  private void handle(String database, int purchase, String events, int millis) {
    try {
      cluster.execute(
          Databases.DESTINATION,
          """
          insert into app.handled
          select '%s', %d, split_part(e, ' ', 1), split_part(e, ' ', 2)::int, txid_current(),
                 now() - interval '%d milliseconds', now()
            from unnest(string_to_array('%s', ', ')) e
          """
              .formatted(database, purchase, millis, events));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
