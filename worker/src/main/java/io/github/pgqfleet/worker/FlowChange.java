package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.sql.ScriptRevision.State;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.coop.GroupStatus;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code worker pause} and {@code worker resume} have in common: all but what is done. */
abstract class FlowChange implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "QUEUE", arity = "1..*", description = "Queues of worker.queues.")
  private List<String> queues = List.of();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** Changes one queue; returns what to say of it. */
  abstract String change(PausedQueues paused, String queue, String consumer) throws SQLException;

  /** Changes all the queues or, when something is wrong, none; prints a line for each. */
  @Override
  public Integer call() throws Exception {
    var worker = config.load(WorkerConfig::read);
    var unknown = queues.stream().filter(queue -> !worker.queues().containsKey(queue)).toList();
    if (!unknown.isEmpty()) {
      throw new ConfigurationException(
          List.of(
              "%s: not in worker.queues, which has %s"
                  .formatted(String.join(", ", unknown), worker.queues().keySet())));
    }
    var out = spec.commandLine().getOut();
    try (var connection = new Sessions("pgq-fleet worker").open(worker.destination())) {
      if (new PausedQueues(connection).state() == State.MISSING) {
        throw new SQLException(
            worker.destination()
                + ": pgq_fleet.paused_queue is not installed; run `worker provision` first");
      }
      Transactions.<List<String>, RuntimeException>inTransaction(
              connection, tx -> change(tx, worker.consumer()))
          .forEach(out::println);
      GroupStatus.read(connection, worker.consumer()).stream()
          .filter(group -> Set.copyOf(queues).contains(group.queue()) && group.openBatches() > 0)
          .forEach(g -> out.println(g.queue() + ": batches under way: " + g.openBatches()));
    }
    out.flush();
    return 0;
  }

  private List<String> change(Connection tx, String consumer) throws SQLException {
    var paused = new PausedQueues(tx);
    var lines = new ArrayList<String>();
    for (var queue : queues) {
      lines.add(queue + ": " + change(paused, queue, consumer));
    }
    return lines;
  }
}
