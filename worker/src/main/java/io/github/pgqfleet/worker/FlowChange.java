package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.coop.GroupStatus;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/** What {@code worker pause} and {@code worker resume} have in common. Stateless. */
final class FlowChange {

  /** Changes one queue; returns what to say of it. */
  @FunctionalInterface
  interface Change {
    String apply(PausedQueues paused, String queue, String consumer) throws SQLException;
  }

  private FlowChange() {}

  /** Changes all the queues or, when something is wrong, none; prints a line for each. */
  static int apply(WorkerConfig worker, List<String> queues, CommandLine commandLine, Change change)
      throws SQLException {
    var unknown = queues.stream().filter(queue -> !worker.queues().containsKey(queue)).toList();
    if (!unknown.isEmpty()) {
      throw new ConfigurationException(
          List.of(
              "%s: not in worker.queues, which has %s"
                  .formatted(String.join(", ", unknown), worker.queues().keySet())));
    }
    var out = commandLine.getOut();
    try (var connection = new Sessions("pgq-fleet worker").open(worker.destination())) {
      if (new PausedQueues(connection).revision().isEmpty()) {
        throw new SQLException(
            worker.destination()
                + ": pgq_fleet.paused_queue is not installed; run `worker provision` first");
      }
      Transactions.<List<String>, RuntimeException>inTransaction(
              connection, tx -> change(tx, worker.consumer(), queues, change))
          .forEach(out::println);
      GroupStatus.read(connection, worker.consumer()).stream()
          .filter(group -> Set.copyOf(queues).contains(group.queue()) && group.openBatches() > 0)
          .forEach(g -> out.println(g.queue() + ": batches under way: " + g.openBatches()));
    }
    out.flush();
    return 0;
  }

  private static List<String> change(
      Connection tx, String consumer, List<String> queues, Change change) throws SQLException {
    var paused = new PausedQueues(tx);
    var lines = new ArrayList<String>();
    for (var queue : queues) {
      lines.add(queue + ": " + change.apply(paused, queue, consumer));
    }
    return lines;
  }
}
