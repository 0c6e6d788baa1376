package io.github.pgqfleet.deploy.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One psql that reads batch after batch by COPY, piped into another that copies each into the
 * destination's event table, in a transaction a batch. So both work at the same time, and nothing
 * tells the one that the other has failed: the fastest way that gives up exactly-once. For one
 * queue.
 */
final class PsqlPipe implements Mover {
  private static final String CONSUMER = "psql_pipe";

  private static final String COLUMNS =
      "ev_time, ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4";

  /** The last line keeps what the ended ones have used countable: as children of one that runs. */
  private static final String PIPE =
      """
      set -o pipefail
      psql=$1; source=$2; script=$3; destination=$4
      "$psql" -X -q -v ON_ERROR_STOP=1 -f "$script" -d "$source" |
        "$psql" -X -q -v ON_ERROR_STOP=1 -d "$destination" || exit
      exec sleep infinity
      """;

  private final Testbed testbed;
  private final Moved moved;
  private final Path directory;
  private final Backlog.Size size;

  PsqlPipe(Testbed testbed, Moved moved, Backlog.Size size, Path directory) {
    this.testbed = testbed;
    this.moved = moved;
    this.size = size;
    this.directory = directory;
  }

  @Override
  public String name() {
    return "psql_pipe";
  }

  @Override
  public String consumer(Source source, String queue) {
    return CONSUMER;
  }

  @Override
  public void provision() throws InterruptedException {
    moved.register(this);
  }

  @Override
  public Running start() {
    Path script = BenchDirectory.write(directory.resolve("pipe.sql"), script());
    Path psql = testbed.destination().cluster().installation().bin().resolve("psql");
    return new Running(
        List.of(
            Child.start(
                "psql | psql",
                List.of(
                    "bash",
                    "-c",
                    PIPE,
                    "bash",
                    Files.isExecutable(psql) ? psql.toString() : "psql",
                    address(moved.sources().getFirst()),
                    script.toString(),
                    address(testbed.destination())),
                directory.resolve("pipe.log"))));
  }

  private static String address(Source database) {
    return "postgresql://postgres@%s:%d/%s"
        .formatted(database.cluster().host(), database.cluster().port(), database.name());
  }

  /** Waits after the warm-up; an empty {@code copy} flushes what psql has printed. */
  private String script() {
    String queue = moved.queues().getFirst();
    String batch =
        """
        select batch_id from pgq.next_batch_info('%1$s', '%2$s') \\gset
        \\echo 'copy :events (%3$s) from stdin;'
        copy (select %3$s from pgq.get_batch_events(:batch_id)) to stdout;
        \\echo '\\\\.'
        select pgq.finish_batch(:batch_id) \\gset
        """
            .formatted(queue, CONSUMER, COLUMNS);
    return """
    \\echo 'select pgq.current_event_table(''%s'') as events \\\\gset'
    %s
    copy (select where false) to stdout;
    select pg_advisory_xact_lock(%d) \\gset
    %s
    """
        .formatted(
            queue,
            batch.repeat(size.warmUpTicks()),
            Backlog.GATE,
            batch.repeat(size.ticks() - size.warmUpTicks()));
  }
}
