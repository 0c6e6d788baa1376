package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Provisioning;
import io.github.pgqfleet.cli.Provisioning.Step;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Quoting;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mover provision}. */
@Command(
    name = "provision",
    mixinStandardHelpOptions = true,
    description = {
      "Creates what the mover needs and is missing: its tables and the routes' queues in the"
          + " destination, its consumer on every source queue. What is there stays as it is.",
      "Events written before the consumer is registered are not forwarded.",
      "",
      "With --grant-to it also grants a role what the mover needs and no more: pgq_reader on the"
          + " source servers; on the destination the mover's state, and writing into the queues'"
          + " event tables. Run it again when a queue was created anew."
    })
final class ProvisionCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--dry-run", description = "Print the SQL; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--grant-to",
      paramLabel = "ROLE",
      description = "The role that the mover connects as; it must exist on all servers.")
  private @Nullable String grantTo;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var mover = config.load(MoverConfig::read);
    var sessions = new Sessions(ApplicationNames.MOVER + "provision");
    var out = Objects.requireNonNull(spec).commandLine().getOut();
    var lookUp = new Checks(sessions, out);
    var sources = lookUp.sources(mover.fleet());
    var destination = List.of(mover.fleet().destination());
    var provisioning = new Provisioning(sessions, out, dryRun);

    provisioning.apply(destination, (connection, database) -> state(connection, mover));
    // As Registration does it: all rows in the destination first, then the consumers.
    var unregistered = new ConcurrentLinkedQueue<SourceQueue>();
    provisioning.apply(
        sources,
        (connection, database) -> {
          unregistered.addAll(unregistered(connection, database, mover));
          return List.of();
        });
    // A source that fails does not keep the others' consumers from being registered.
    var before = provisioning.failures();
    provisioning.apply(destination, (connection, database) -> rows(connection, unregistered));
    if (provisioning.failures() == before) {
      provisioning.apply(
          sources, (connection, database) -> consumers(connection, database, unregistered));
    }
    if (grantTo != null) {
      grant(provisioning, grantTo, sources, mover);
    }
    return Math.max(provisioning.summary(), lookUp.problems() == 0 ? 0 : 1);
  }

  /** After all else, so that what is granted on is there. */
  private static void grant(
      Provisioning provisioning, String role, List<Database> sources, MoverConfig mover)
      throws InterruptedException {
    provisioning.apply(
        List.of(mover.fleet().destination()),
        (connection, database) ->
            new Privileges(connection, role)
                .destinationGrants(mover.destinationQueues(), new Pgq(connection).queues()));
    // Roles belong to the server: one of its databases is enough.
    var servers =
        sources.stream()
            .collect(Collectors.toMap(Database::server, d -> d, (a, b) -> a, LinkedHashMap::new));
    provisioning.apply(
        List.copyOf(servers.values()),
        (connection, database) -> new Privileges(connection, role).sourceGrants());
  }

  private static List<Step> state(Connection connection, MoverConfig mover) throws SQLException {
    var pgq = new Pgq(connection);
    if (!pgq.isInstalled()) {
      throw new SQLException("PgQ is not installed; run `ticker provision` first");
    }
    var steps = new ArrayList<Step>();
    var missing = Inspection.missingTables(connection);
    if (!missing.isEmpty()) {
      steps.add(
          new Step(
              "create " + String.join(", ", missing),
              SqlScript.load(ProvisionCommand.class, "position.sql")));
    }
    var existing = pgq.queues();
    for (var queue : mover.destinationQueues()) {
      if (!existing.contains(queue)) {
        steps.add(
            new Step(
                "create queue " + queue,
                "select pgq.create_queue(%s)".formatted(Quoting.literal(connection, queue))));
      }
    }
    return steps;
  }

  private static List<SourceQueue> unregistered(
      Connection connection, Database source, MoverConfig mover) throws SQLException {
    var pgq = new Pgq(connection);
    if (!pgq.isInstalled()) {
      throw new SQLException("PgQ is not installed; run `ticker provision` first");
    }
    var missing = new ArrayList<SourceQueue>();
    for (var queue : mover.queues(source)) {
      if (pgq.subscription(queue.queue(), queue.consumer()).isEmpty()) {
        missing.add(queue);
      }
    }
    return missing;
  }

  private static List<Step> rows(Connection connection, Queue<SourceQueue> queues)
      throws SQLException {
    var steps = new ArrayList<Step>();
    for (var queue : queues) {
      steps.add(
          new Step(
              "begin the registration of " + queue,
              """
              insert into pgq_fleet.position (source, queue_name, consumer_name)
              values (%s, %s, %s) on conflict do nothing"""
                  .formatted(
                      Quoting.literal(connection, queue.source().id()),
                      Quoting.literal(connection, queue.queue()),
                      Quoting.literal(connection, queue.consumer()))));
    }
    return steps;
  }

  private static List<Step> consumers(
      Connection connection, Database source, Queue<SourceQueue> queues) throws SQLException {
    var steps = new ArrayList<Step>();
    for (var queue : queues) {
      if (queue.source().equals(source)) {
        steps.add(
            new Step(
                "register consumer %s on queue %s".formatted(queue.consumer(), queue.queue()),
                "select pgq.register_consumer(%s, %s)"
                    .formatted(
                        Quoting.literal(connection, queue.queue()),
                        Quoting.literal(connection, queue.consumer()))));
      }
    }
    return steps;
  }
}
