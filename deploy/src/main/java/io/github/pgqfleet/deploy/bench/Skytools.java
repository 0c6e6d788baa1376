package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A queue mover on Skytools' framework, see {@code skytools_mover.py}: processes that share the
 * sources evenly.
 */
final class Skytools implements Mover {
  private final Testbed testbed;
  private final Moved moved;
  private final SkytoolsScript script;
  private final List<Path> configurations;

  /**
   * Writes its configurations.
   *
   * @param processes how many there are at most; one has at least one source
   * @param loopDelay how long one sleeps when none of its queues has a batch
   * @param directory takes script, configurations and logs
   */
  Skytools(Testbed testbed, Moved moved, int processes, Duration loopDelay, Path directory) {
    this.testbed = testbed;
    this.moved = moved;
    this.script = SkytoolsScript.write("skytools_mover.py", directory);
    List<List<Source>> shares = new ArrayList<>();
    IntStream.range(0, Math.min(processes, moved.sources().size()))
        .forEach(_ -> shares.add(new ArrayList<>()));
    for (int number = 0; number < moved.sources().size(); number++) {
      shares.get(number % shares.size()).add(moved.sources().get(number));
    }
    this.configurations =
        shares.stream()
            .map(
                share ->
                    BenchDirectory.write(
                        directory.resolve("skytools-" + share.getFirst().name() + ".ini"),
                        configuration(share, loopDelay)))
            .toList();
  }

  private String configuration(List<Source> share, Duration loopDelay) {
    return String.format(
        Locale.ROOT,
        """
        [skytools_mover]
        queue_name = %s
        queues = %s
        sources = %s
        %s
        destination = %s
        loop_delay = %s
        use_skylog = 0
        """,
        moved.queues().getFirst(),
        String.join(", ", moved.queues()),
        share.stream().map(Source::name).collect(Collectors.joining(", ")),
        share.stream()
            .map(source -> source.name() + " = " + SkytoolsScript.connection(source))
            .collect(Collectors.joining("\n")),
        SkytoolsScript.connection(testbed.destination()),
        loopDelay.toMillis() / 1e3);
  }

  @Override
  public String name() {
    return "skytools";
  }

  @Override
  public String consumer(Source source, String queue) {
    return "skytools/" + source.name() + "/" + queue;
  }

  @Override
  public void provision() throws SQLException, InterruptedException {
    try (Connection destination = testbed.destination().connect();
        var statement = destination.createStatement()) {
      statement.execute(BenchDirectory.resource("skytools_destination.sql"));
    }
    moved.register(this);
  }

  @Override
  public Running start() {
    return new Running(
        configurations.stream()
            .map(configuration -> script.start("Skytools' mover", configuration))
            .toList());
  }
}
