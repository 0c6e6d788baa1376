package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fast worker that is wrong must not get a figure. */
class WorkerRunIT {
  private static Testbed testbed;
  private static Stage stage;
  private static WorkerRun run;

  @TempDir Path temporary;

  @BeforeAll
  static void writesABacklog() throws Exception {
    testbed = Testbed.create(Purpose.WORKERS, 0, 0);
    Ground.prepare(testbed, List.of(Stage.QUEUE));
    stage = Stage.write(testbed, "test", 1, new Backlog.Size(3, 1, 10, 20));
    run = new WorkerRun(testbed, Duration.ZERO);
  }

  @AfterAll
  static void removesIt() {
    testbed.close();
  }

  @Test
  void measuresOneThatIsRightAgainAndAgain() throws Exception {
    for (int again = 0; again < 2; again++) {
      assertThat(
              run.of(handling("ev_time, ev_type, ev_data from pgq.get_batch_events(batch)"), stage))
          .containsEntry("commits", 2.0);
    }
  }

  @Test
  void refusesOneThatHandlesAnEventTwice() {
    refuses(
        "ev_time, ev_type, ev_data from pgq.get_batch_events(batch)"
            + " join generate_series(1, 2) n on n = 1 or ev_data like '% 2 7 %'",
        "skewed delivered 31 of the 30 events of queue orders");
  }

  @Test
  void refusesOneThatLeavesAnEventOut() {
    refuses(
        "ev_time, ev_type, ev_data from pgq.get_batch_events(batch)"
            + " where ev_data not like '% 2 7 %'",
        "skewed delivered 29 of the 30 events of queue orders");
  }

  @Test
  void refusesOneThatChangesAnEvent() {
    refuses(
        "ev_time, ev_type, replace(ev_data, ' 2 7 ', ' 2 6 ') from pgq.get_batch_events(batch)",
        "skewed delivered 30 events of queue orders, but other ones than it should have");
  }

  private void refuses(String rows, String message) {
    assertThatThrownBy(() -> run.of(handling(rows), stage))
        .isInstanceOf(BenchFailure.class)
        .hasMessage(message);
  }

  /** Finishes batch after batch, and writes the rows of a query for each. */
  private Workers handling(String rows) {
    Path script =
        BenchDirectory.write(
            temporary.resolve("handle.sql"),
            """
            do $$
            declare
                batch bigint := pgq_coop.next_batch('orders', 'workers', 'skewed');
            begin
                if batch is not null then
                    insert into app.handled (queue, ev_time, ev_type, ev_data) select 'orders', %s;
                    perform pgq_coop.finish_batch(batch);
                end if;
            end $$ \\watch 0.05
            """
                .formatted(rows));
    return new Workers() {
      @Override
      public String name() {
        return "skewed";
      }

      @Override
      public void provision() throws SQLException {
        try (Connection connection = testbed.destination().connect()) {
          Sql.execute(
              connection, "select pgq_coop.register_subconsumer('orders', 'workers', 'skewed')");
        }
      }

      @Override
      public Running start() {
        Source destination = testbed.destination();
        return new Running(
            List.of(
                Child.start(
                    "skewed",
                    List.of(
                        destination.cluster().installation().bin().resolve("psql").toString(),
                        "--no-psqlrc",
                        "--quiet",
                        "--file=" + script,
                        "postgresql://postgres@%s:%d/%s"
                            .formatted(
                                destination.cluster().host(),
                                destination.cluster().port(),
                                destination.name())),
                    temporary.resolve("skewed.log"))));
      }

      @Override
      public long present(Connection destination) {
        return 1;
      }
    };
  }
}
