package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.HandlersJar;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** {@code worker.jar}: one process for all sub-consumers. */
final class OurWorkers implements Workers {

  private static final String PRESENT =
      """
      select count(*) from pgq.subscription join pgq.consumer on co_id = sub_consumer
       where starts_with(co_name, ?)
      """;

  private final FleetJar jar;

  /**
   * Writes its configuration.
   *
   * @param queues that are consumed
   * @param workers how many sub-consumers each of the queues has
   * @param handler the handler of a queue, as in fleet.conf
   * @param process options of the JVM, and settings of its part of fleet.conf
   * @param directory takes configuration, handlers and log
   */
  OurWorkers(
      Testbed testbed,
      List<String> queues,
      int workers,
      UnaryOperator<String> handler,
      JarOptions process,
      Path directory) {
    HandlersJar.copyTo(directory);
    String part =
        """
        worker {
          admin { enabled = false }
          consumer = %s
          handlers-directory = "%s"
          queues {
        %s
          }
        %s
        }
        """
            .formatted(
                Ground.CONSUMER,
                directory,
                queues.stream()
                    .map(
                        queue ->
                            "    %s { workers = %d, handler { %s } }"
                                .formatted(queue, workers, handler.apply(queue)))
                    .collect(Collectors.joining("\n")),
                process.settings());
    Moved moved = new Moved(List.of(testbed.destination()), queues);
    this.jar =
        new FleetJar(
            "worker",
            process.jvmOptions(),
            BenchDirectory.write(
                directory.resolve("fleet.conf"), FleetFile.of(testbed, moved, part)));
  }

  @Override
  public String name() {
    return Figures.OURS;
  }

  /** Installs pgq_coop and registers the group's consumer. */
  void install() throws InterruptedException {
    try (Child provision = jar.start("provision")) {
      provision.requireEnd();
    }
  }

  @Override
  public void provision() {
    // They register themselves.
  }

  @Override
  public Running start() {
    return new Running(List.of(jar.start("run")));
  }

  @Override
  public long present(Connection destination) throws SQLException {
    return Sql.number(destination, PRESENT, Ground.CONSUMER + ".");
  }
}
