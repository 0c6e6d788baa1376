package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.AdminPages;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a scrape of {@code worker.jar} counts. */
@ExtendWith(PgqServerExtension.class)
class WorkerMetricsIT {

  private static final String ADMIN = ", admin { enabled = true, port = 0 }";

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final FailingEvents events;

  WorkerMetricsIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.events = new FailingEvents(database);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void countsWhatIsHandledWhatIsTriedAgainAndWhatIsDead() throws Exception {
    var conf = fleet.conf(FailingEvents.worker("sql", "attempts = 2") + ADMIN);
    fleet.provision(conf);
    try (var pages = AdminPages.of(fleet.startProcess(conf))) {
      assertThat(pages.samples())
          .containsAllEntriesOf(Map.of(series("retried_events_total"), 0.0))
          .containsAllEntriesOf(Map.of(series("dead_events_total"), 0.0));
      events.insert("records", 1, 3);
      events.insert("fails", 4, 5);
      database.tick("orders");
      await(pages, "events_total", 3);
      await(pages, "retried_events_total", 2);
      assertThat(pages.samples()).containsEntry(series("dead_events_total"), 0.0);

      fleet.awaitDrained();
      events.retry();
      await(pages, "dead_events_total", 2);

      assertThat(pages.samples())
          .containsEntry(series("events_total"), 3.0)
          .containsEntry(series("retried_events_total"), 2.0)
          .containsEntry(series("failed_batches_total"), 0.0)
          .containsEntry(series("lost_batches_total"), 0.0)
          .containsEntry(series("subconsumers"), 1.0)
          .containsEntry(series("paused"), 0.0)
          .containsKey(series("batch_seconds_sum"));
      assertThat(events.dead()).hasSize(2);
    }
  }

  @Test
  void showsHowFarTheGroupIsBehindAndForgetsAQueueThatIsConsumedNoMore() throws Exception {
    fleet.createQueue("mails");
    var orders = "orders { handler { type = sql, function = handle } }";
    var mails = "mails { handler { type = sql, function = handle } }";
    var conf = fleet.conf(WorkerFleet.QUICK + "queues { " + orders + ", " + mails + " }" + ADMIN);
    fleet.provision(conf);
    var worker = fleet.startProcess(conf);
    try (var pages = AdminPages.of(worker)) {
      // Held by a lock, so that it is pending until that is gone.
      try (var connection = database.connect()) {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
          statement.execute("lock table handled");
          events.insert("records", 1, 7);
          database.tick("orders");
          Await.until(
              "7 pending events",
              WorkerFleet.SOON,
              () -> value(pages, series("pending_events")) >= 7);
          assertThat(value(pages, series("lag_seconds"))).isPositive();
        }
        connection.rollback();
      }
      await(pages, "events_total", 7);
      await(pages, "pending_events", 0);
      assertThat(pages.samples()).containsKey("pgq_worker_events_total" + labels("mails"));

      withoutMails(conf, mails);
      worker.reload();
      Await.until(
          "nothing of mails",
          WorkerFleet.SOON,
          () -> pages.samples().keySet().stream().noneMatch(s -> s.contains("mails")));
      assertThat(pages.samples()).containsEntry(series("events_total"), 7.0);
    }
  }

  private static void withoutMails(Path conf, String mails) throws IOException {
    Files.writeString(conf, Files.readString(conf).replace(mails, ""));
  }

  private static void await(AdminPages pages, String metric, double expected) {
    Await.value(
        metric + " to be " + expected,
        WorkerFleet.SOON,
        () -> value(pages, series(metric)),
        value -> value == expected);
  }

  private static double value(AdminPages pages, String series) {
    return pages.samples().getOrDefault(series, Double.NaN);
  }

  private static String series(String metric) {
    return "pgq_worker_" + metric + labels("orders");
  }

  private static String labels(String queue) {
    return "{consumer=\"workers\",queue=\"%s\"}".formatted(queue);
  }
}
