package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Which queues are moved, all of them in each of the sources.
 *
 * @param sources the databases
 * @param queues by name
 */
record Moved(List<Source> sources, List<String> queues) {
  private static final int AT_ONCE = 4;

  Moved {
    sources = List.copyOf(sources);
    queues = List.copyOf(queues);
  }

  static Moved everything(Testbed testbed) {
    return new Moved(testbed.sources(), Testbed.QUEUES);
  }

  /** How many source queues there are. */
  int size() {
    return sources.size() * queues.size();
  }

  /** What is done for one queue, on a connection to its database in autocommit mode. */
  @FunctionalInterface
  interface Task {
    void run(Connection connection, Source source, String queue) throws SQLException;
  }

  /**
   * Does something for each queue, several databases at the same time.
   *
   * @throws BenchFailure when it failed for one; the message begins with what was being done
   */
  void each(String what, Task task) throws InterruptedException {
    var _ =
        Each.of(
            what,
            sources,
            AT_ONCE,
            source -> {
              try (Connection connection = source.connect()) {
                for (String queue : queues) {
                  task.run(connection, source, queue);
                }
              }
              return source;
            });
  }

  /** Registers a mover's consumers, at the last tick of each queue. */
  void register(Mover mover) throws InterruptedException {
    each(
        "register the consumers of " + mover.name(),
        (connection, source, queue) ->
            Sql.execute(
                connection,
                "select pgq.register_consumer(?, ?)",
                queue,
                mover.consumer(source, queue)));
  }

  /** Unregisters a mover's consumers. */
  void unregister(Mover mover) throws InterruptedException {
    each(
        "unregister the consumers of " + mover.name(),
        (connection, source, queue) ->
            Sql.execute(
                connection,
                "select pgq.unregister_consumer(?, ?)",
                queue,
                mover.consumer(source, queue)));
  }
}
