package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One run of the demonstration, top-down. For one thread. */
final class DemoRun {
  private static final Duration LOOK_EACH = Duration.ofSeconds(1);
  private static final String ACTIVE_POSITIONS =
      "select count(*) from pgq_fleet.position where state = 'active'";
  private static final Duration POSITIONS_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration FIRST_EVENTS_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(10);

  /** The part of the load that must have been written, or the machine was too slow for it. */
  private static final double KEEPS_UP = 0.8;

  private final DemoOptions options;
  private final Screen screen;

  /**
   * What the databases do not remember of the load.
   *
   * @param began when the events began to come whose latency counts
   * @param rolledBack events of transactions that were rolled back
   */
  private record Loaded(Instant began, long rolledBack) {}

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

      Loaded loaded = load(cluster, fleet);
      screen.say("Draining");
      Drain.await(cluster, databases, DRAIN_TIMEOUT, fleet::requireRunning);
      if (options.keep()) {
        return keep(cluster, fleet, directory, loaded);
      }
      screen.say("Stopping worker, mover and ticker");
      fleet.stop();
      return audit(cluster, loaded);
    } catch (Await.TimeoutError e) {
      throw new DemoFailure(String.valueOf(e.getMessage()));
    }
  }

  /** A position becomes active with the first batch, which an idle queue's tick brings. */
  private void awaitPositions(PrivateCluster cluster, Fleet fleet) throws SQLException {
    int queues = options.queues();
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

  private Loaded load(PrivateCluster cluster, Fleet fleet)
      throws SQLException, InterruptedException {
    screen.say("Connecting the applications");
    try (Load load = new Load(cluster, options);
        Watch watch = new Watch(cluster, load.figures())) {
      screen.say("Waiting for the first event of each source queue to be handled");
      awaitFirstEvents(watch, fleet);
      screen.say(
          "Load: about %d events/s for %d s"
              .formatted(options.rate(), options.duration().toSeconds()));
      screen.loadStarts(watch.look());
      var began = Instant.now();
      long start = System.nanoTime();
      load.start(options.duration());
      for (int second = 1; load.isRunning(); second++) {
        Duration wait = LOOK_EACH.multipliedBy(second).minusNanos(System.nanoTime() - start);
        if (wait.isPositive()) {
          Thread.sleep(wait);
        }
        fleet.requireRunning();
        screen.show(LOOK_EACH.multipliedBy(second), options.duration(), watch.look());
      }
      load.await();
      sayIfTooSlow(load.figures().all() - options.queues());
      return new Loaded(began, load.figures().rolledBack());
    }
  }

  private void sayIfTooSlow(long written) {
    long asked = options.rate() * options.duration().toSeconds();
    if (written < KEEPS_UP * asked) {
      screen.say(
          ("This machine was too slow for the load: %d of %d events were written, and p50 and p99"
                  + " will say as much. --rate and --databases make it lighter")
              .formatted(written, asked));
    }
  }

  /** All sessions have then done once what they do from now on. */
  private void awaitFirstEvents(Watch watch, Fleet fleet) {
    int queues = options.queues();
    try (var progress = new Progress("first events", queues)) {
      Await.value(
          "the first events of " + queues + " source queues to be handled",
          FIRST_EVENTS_TIMEOUT,
          () -> {
            fleet.requireRunning();
            long handled = watch.look().values().stream().mapToLong(Watch.Line::handled).sum();
            progress.stepTo(Math.toIntExact(handled));
            return handled;
          },
          handled -> handled >= queues);
    }
  }

  private boolean audit(PrivateCluster cluster, Loaded loaded) throws SQLException {
    screen.say("Comparing what was committed with what was handled");
    Audit audit = Audit.of(cluster, options.databaseNames(), loaded.rolledBack(), loaded.began());
    screen.print(audit.line());
    return audit.isGood();
  }

  /** Leaves everything running until this process is ended. */
  private boolean keep(PrivateCluster cluster, Fleet fleet, DemoDirectory directory, Loaded loaded)
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
    boolean good = audit(cluster, loaded);
    Thread.currentThread().join();
    return good;
  }
}
