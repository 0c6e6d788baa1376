package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Skytools' cooperative consumers, see {@code skytools_worker.py}: a process each. */
final class SkytoolsWorkers implements Workers {

  private static final String APPLICATION_NAME = "skytools_worker";

  private final Testbed testbed;
  private final String queue;
  private final SkytoolsScript script;
  private final List<Path> configurations;

  /**
   * Writes their configurations.
   *
   * @param workers how many there are
   * @param loopDelay how long one sleeps when there is no batch for it
   * @param directory takes script, configurations and logs
   */
  SkytoolsWorkers(Testbed testbed, String queue, int workers, Duration loopDelay, Path directory) {
    this.testbed = testbed;
    this.queue = queue;
    this.script = SkytoolsScript.write("skytools_worker.py", directory);
    this.configurations =
        IntStream.rangeClosed(1, workers)
            .mapToObj(
                number ->
                    BenchDirectory.write(
                        directory.resolve(subConsumer(number) + ".ini"),
                        configuration(number, loopDelay)))
            .toList();
  }

  private static String subConsumer(int number) {
    return "skytools_" + number;
  }

  private String configuration(int number, Duration loopDelay) {
    return """
    [skytools_worker]
    job_name = %s
    queue_name = %s
    consumer_name = %s
    subconsumer_name = %s
    destination = %s application_name=%s
    loop_delay = %s
    use_skylog = 0
    """
        .formatted(
            subConsumer(number),
            queue,
            Ground.CONSUMER,
            subConsumer(number),
            SkytoolsScript.connection(testbed.destination()),
            APPLICATION_NAME,
            loopDelay.toMillis() / 1e3);
  }

  @Override
  public String name() {
    return "skytools";
  }

  @Override
  public void provision() throws SQLException {
    try (Connection destination = testbed.destination().connect()) {
      for (int number = 1; number <= configurations.size(); number++) {
        Sql.execute(
            destination,
            "select pgq_coop.register_subconsumer(?, ?, ?)",
            queue,
            Ground.CONSUMER,
            subConsumer(number));
      }
    }
  }

  @Override
  public Running start() {
    return new Running(
        configurations.stream()
            .map(configuration -> script.start("Skytools' worker", configuration))
            .toList());
  }

  @Override
  public long present(Connection destination) throws SQLException {
    return Sql.number(
        destination,
        "select count(*) from pg_stat_activity where application_name = ?",
        APPLICATION_NAME);
  }
}
