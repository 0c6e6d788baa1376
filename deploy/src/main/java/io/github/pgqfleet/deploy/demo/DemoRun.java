package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** One run of the demonstration, top-down. For one thread. */
final class DemoRun {
  private static final Duration LOOK_EACH = Duration.ofSeconds(1);
  private static final String ACTIVE_POSITIONS =
      "select count(*) from pgq_fleet.position where state = 'active'";
  private static final Duration POSITIONS_TIMEOUT = Duration.ofMinutes(3);
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(3);

  private final DemoOptions options;
  private final Screen screen;

  DemoRun(DemoOptions options, Screen screen) {
    this.options = options;
    this.screen = screen;
  }

  /**
   * Sets up, loads, drains, stops, audits.
   *
   * @return whether the audit is good
   * @throws DemoFailure when it does not come to an audit
   */
  boolean run() throws SQLException, InterruptedException {
    List<String> databases = options.databaseNames();
    DemoDirectory directory = DemoDirectory.create();
    screen.say("Starting a private PostgreSQL; commits do not reach the disk (fsync = off)");
    try (PrivateCluster cluster = Databases.cluster(options)) {
      screen.say("Creating " + databases.size() + " source databases and the destination");
      Databases.create(cluster, databases);

      Fleet fleet = new Fleet(directory);
      directory.writeFleetConf(FleetConf.text(cluster.port(), directory, fleet.admin()));
      for (String module : Fleet.modules()) {
        screen.say("Provisioning: " + module + " provision");
        fleet.provision(module);
      }
      screen.say("Starting ticker, mover and worker");
      fleet.start();
      fleet.awaitReady();
      screen.say("Watch it: the fleet page is at " + fleet.page());
      screen.say("Waiting for the mover to have taken up its source queues");
      awaitPositions(cluster, fleet);

      long rolledBack = load(cluster, fleet);
      screen.say("Draining");
      Drain.await(cluster, databases, DRAIN_TIMEOUT, fleet::requireRunning);
      if (options.keep()) {
        return keep(cluster, fleet, directory, rolledBack);
      }
      screen.say("Stopping worker, mover and ticker");
      fleet.stop();
      return audit(cluster, rolledBack);
    } catch (Await.TimeoutError e) {
      throw new DemoFailure(String.valueOf(e.getMessage()));
    }
  }

  /** A position becomes active with the first batch, which an idle queue's tick brings. */
  private void awaitPositions(PrivateCluster cluster, Fleet fleet) throws SQLException {
    int queues = options.databases() * DemoQueue.values().length;
    try (var connection = cluster.connect(Databases.DESTINATION);
        var count = connection.prepareStatement(ACTIVE_POSITIONS);
        var progress = new Progress("source queues", queues)) {
      Await.value(
          "active positions of " + queues + " source queues",
          POSITIONS_TIMEOUT,
          () -> {
            fleet.requireRunning();
            try (var row = count.executeQuery()) {
              row.next();
              progress.stepTo(row.getInt(1));
              return row.getInt(1);
            }
          },
          active -> active >= queues);
    }
  }

  private long load(PrivateCluster cluster, Fleet fleet) throws SQLException, InterruptedException {
    screen.say("Connecting the applications");
    try (Load load = new Load(cluster, options);
        Watch watch = new Watch(cluster, load.figures())) {
      screen.say(
          "Load: about %d events/s for %d s"
              .formatted(options.rate(), options.duration().toSeconds()));
      long start = System.nanoTime();
      load.start(options.duration());
      screen.loadStarts();
      for (int second = 1; load.isRunning(); second++) {
        Duration wait = LOOK_EACH.multipliedBy(second).minusNanos(System.nanoTime() - start);
        if (wait.isPositive()) {
          Thread.sleep(wait);
        }
        fleet.requireRunning();
        screen.show(LOOK_EACH.multipliedBy(second), options.duration(), watch.look());
      }
      load.await();
      return load.figures().rolledBack();
    }
  }

  private boolean audit(PrivateCluster cluster, long rolledBack) throws SQLException {
    screen.say("Comparing what was committed with what was handled");
    Audit audit = Audit.of(cluster, options.databaseNames(), rolledBack);
    screen.print(audit.line());
    return audit.isGood();
  }

  /** Leaves everything running until this process is ended. */
  private boolean keep(
      PrivateCluster cluster, Fleet fleet, DemoDirectory directory, long rolledBack)
      throws SQLException, InterruptedException {
    screen.print(
        """

        The fleet goes on running. Look at it:
          %9$s in a browser: the fleet page
          psql -h 127.0.0.1 -p %1$d -U postgres %2$s
          psql -h 127.0.0.1 -p %1$d -U postgres app_001 -c "select * from pgq.get_consumer_info()"
          java -jar ticker/target/ticker.jar status --config %3$s
          java -jar mover/target/mover.jar status --config %3$s
          java -jar worker/target/worker.jar status --config %3$s
          curl http://127.0.0.1:%4$d/metrics (ticker), :%5$d (mover), :%6$d (worker)
          logs: %7$s
        End it, and remove everything: Ctrl-C, or kill %8$d
        """
            .formatted(
                cluster.port(),
                Databases.DESTINATION,
                directory.fleetConf(),
                fleet.adminPort("ticker"),
                fleet.adminPort("mover"),
                fleet.adminPort("worker"),
                directory.logs(),
                ProcessHandle.current().pid(),
                fleet.page()));
    boolean good = audit(cluster, rolledBack);
    Thread.currentThread().join();
    return good;
  }
}
