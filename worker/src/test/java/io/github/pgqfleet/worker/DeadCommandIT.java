package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code worker dead}, as an operator runs it. */
@ExtendWith(PgqServerExtension.class)
class DeadCommandIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path conf;
  private int exitCode;

  DeadCommandIT(TestDatabase database, @TempDir Path directory) throws IOException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.conf = fleet.conf("queues { orders { handler { type = sql, function = f } } }");
  }

  @BeforeEach
  void buriesFour() {
    fleet.provision(conf);
    database.insertEvents("orders", "new", List.of("a", "b"));
    database.insertEvents("orders", "old", List.of("c", "d"));
    database.tick("orders");
    database.execute(
        """
        select pgq_fleet.fail_events(b.id, array_agg(e.ev_id), array_agg(null::interval),
                   array_agg('Error of ' || ev_data), array_agg(null::text))
          from pgq.next_batch('orders', 'workers') b (id), pgq.get_batch_events(b.id) e
         group by b.id\
        """);
    database.execute("select pgq.finish_batch(sub_batch) from pgq.subscription");
    database.execute(
        "update pgq_fleet.dead_letter set failed_at = now() - interval '3 h' where ev_data = 'a'");
    // Another consumer's, which are not this one's business.
    database.execute(
        """
        insert into pgq_fleet.dead_letter (queue_name, consumer_name, subconsumer_name, batch_id,
               attempts, error, ev_id, ev_time, ev_txid, ev_retry, ev_type, ev_data)
        select queue_name, 'others', 'others', batch_id, 1, error, ev_id, ev_time, ev_txid, 0,
               ev_type, 'foreign'
          from pgq_fleet.dead_letter\
        """);
  }

  @Test
  void listsWhatTheOptionsChoose() throws IOException {
    assertThat(list()).containsExactly("a", "b", "c", "d");
    assertThat(list("--type", "new")).containsExactly("a", "b");
    assertThat(list("--type", "new", "--type", "old")).containsExactly("a", "b", "c", "d");
    assertThat(list("--error", "ERROR OF C")).containsExactly("c");
    assertThat(list("--since", "1h")).containsExactly("b", "c", "d");
    assertThat(list("--until", "1h")).containsExactly("a");
    assertThat(list("--until", "2001-01-01T00:00Z")).isEmpty();
    assertThat(list("--limit", "3")).containsExactly("a", "b", "c");
    assertThat(list("--queue", "audit")).isEmpty();
    assertThat(list("--queue", "orders", "--event", eventOf("d"))).containsExactly("d");
  }

  @Test
  void showsPeopleNoPayloadButTheError() {
    var lines = run("list", "--limit", "2").lines().toList();

    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).contains("orders", "new", "Error of a").doesNotEndWith(" a a");
    assertThat(lines.getLast()).isEqualTo("dead: listed=2 all=4");
  }

  @Test
  void replaysWhatIsChosen() {
    assertThat(run("replay", "--type", "new", "--dry-run")).contains("dead: chosen=2");
    assertThat(dead()).containsExactly("a", "b", "c", "d");

    assertThat(run("replay", "--type", "new")).contains("dead: chosen=2 replayed=2");

    assertThat(exitCode).isZero();
    assertThat(dead()).containsExactly("c", "d");
    assertThat(database.strings("select ev_data from pgq.retry_queue order by 1"))
        .containsExactly("a", "b");
  }

  @Test
  void saysWhatCannotBeReplayed() {
    database.execute("select pgq.unregister_consumer('orders', 'workers')");

    assertThat(run("replay", "--all")).contains("chosen=4 replayed=0", "4 are left as they are");
    assertThat(exitCode).isOne();
    assertThat(dead()).containsExactly("a", "b", "c", "d");
  }

  @Test
  void dropsWhatIsChosen() {
    assertThat(run("drop", "--event", eventOf("b"), "--event", eventOf("c")))
        .contains("dead: chosen=2 dropped=2");
    assertThat(dead()).containsExactly("a", "d");

    assertThat(run("drop", "--all")).contains("dead: chosen=2 dropped=2");
    assertThat(dead()).isEmpty();
    assertThat(database.number("select count(*) from pgq_fleet.dead_letter")).isEqualTo(4);
  }

  @Test
  void changesNothingWhenNothingIsNamed() {
    assertThat(run("drop")).contains("--all");

    assertThat(exitCode).isEqualTo(2);
    assertThat(dead()).containsExactly("a", "b", "c", "d");
  }

  private List<String> list(String... options) throws IOException {
    var arguments = new ArrayList<>(List.of("list", "--json"));
    arguments.addAll(List.of(options));
    var found = new ArrayList<String>();
    for (var line : run(arguments.toArray(String[]::new)).lines().toList()) {
      found.add(new ObjectMapper().readTree(line).get("ev_data").textValue());
    }
    assertThat(exitCode).isZero();
    return found;
  }

  private String run(String... options) {
    var arguments = new ArrayList<String>(List.of("dead"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--config", conf.toString()));
    var output = new StringWriter();
    var out = new PrintWriter(output);
    exitCode =
        new CommandLine(new WorkerMain())
            .setOut(out)
            .setErr(out)
            .execute(arguments.toArray(String[]::new));
    return output.toString();
  }

  private List<String> dead() {
    return database.strings(
        "select ev_data from pgq_fleet.dead_letter where consumer_name = 'workers' order by id");
  }

  private String eventOf(String data) {
    return database.string("select ev_id from pgq_fleet.dead_letter where ev_data = ?", data);
  }
}
