package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several real movers on the same sources, some of which come, go, die and freeze. */
@ExtendWith(PgqServerExtension.class)
class SharingFaultIT {

  private static final int SOURCES = 6;

  /** For several processes to start, or some heartbeats to pass, on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Three of these without a sign of life are a death, also on a busy machine. */
  private static final String HEARTBEAT = "heartbeat = 1s";

  private final List<FleetProcess> movers = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private List<TestDatabase> sources;
  private Set<String> sourceIds;
  private TestDatabase destination;
  private TestFleet fleet;
  private Path directory;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    this.directory = directory;
    sources = IntStream.range(0, SOURCES).mapToObj(i -> server.newDatabase()).toList();
    deliverTo(server.newDatabase());
  }

  private void deliverTo(TestDatabase database) {
    destination = database;
    fleet = new TestFleet(directory, destination, sources.toArray(TestDatabase[]::new));
    // Once: it writes the configuration file, which a mover may be reading later.
    sourceIds = sources.stream().map(s -> fleet.queue(s).source().id()).collect(Collectors.toSet());
  }

  @AfterEach
  void stop() {
    movers.forEach(FleetProcess::close);
  }

  @Test
  void twoThenThreeMoversBalanceAndTakeOverFromOneThatStops() {
    start();
    awaitBalanced(1);
    write();
    start();
    awaitBalanced(2);
    write();
    var third = start();
    awaitBalanced(3);
    write();
    third.terminate();
    assertThat(third.exitCode(PATIENCE)).isZero();
    awaitBalanced(2);
    write();
    assertEverythingArrivedOnceInOrder();
    movers.forEach(mover -> assertThat(mover.output()).doesNotContain("WARN", "ERROR"));
  }

  @Test
  void takesOverFromOneThatIsKilled() {
    var first = start();
    start();
    awaitBalanced(2);
    write();
    first.kill9();
    write();
    awaitBalanced(1);
    assertEverythingArrivedOnceInOrder();
  }

  @Test
  void takesOverFromOneThatIsFrozenInTheMiddleOfADelivery() throws Exception {
    var first = start();
    var firstId = awaitBalanced(1).values().iterator().next();
    start();
    var leaders = awaitBalanced(2);
    // Each delivery of the first mover waits for its position's row, and gets it when frozen.
    try (var lock = destination.connect()) {
      lock.setAutoCommit(false);
      try (var statement = lock.createStatement()) {
        statement.execute("select * from pgq_fleet.position for update");
      }
      write();
      if (leaders.containsValue(firstId)) {
        awaitSessions(firstId, "wait_event_type = 'Lock'", true);
      }
      first.freeze();
    }
    awaitBalanced(1);
    awaitSessions(firstId, "true", false);
    assertEverythingArrivedOnceInOrder();
    first.thaw();
    awaitBalanced(2);
    write();
    assertEverythingArrivedOnceInOrder();
  }

  @Test
  void leavesASourceThatItCannotReachToOneThatCan() throws Exception {
    var able = start();
    awaitBalanced(1);
    fleet.connectAs("nobody_of_this_name", destination.user());
    var unable = start();
    unable.awaitLine("event=failed .*nobody_of_this_name", PATIENCE);
    write();
    assertEverythingArrivedOnceInOrder();
    assertThat(able.output()).doesNotContain("stepping_down");
    // Able at last, it gets its share.
    fleet.connectAs(sources.getFirst().user(), destination.user());
    fleet.configFile(HEARTBEAT);
    unable.reload();
    awaitBalanced(2);
    write();
    assertEverythingArrivedOnceInOrder();
  }

  @Test
  void keepsWhatItLeadsWhileTheDestinationIsAway(PrivateCluster cluster) throws Exception {
    deliverTo(cluster.createPgqDatabase("central"));
    start();
    start();
    var before = awaitBalanced(2);
    var lockers = lockers();
    var balancing = movers.stream().map(FleetProcess::output).toList();
    cluster.stop();
    write();
    movers.forEach(
        mover -> mover.awaitLine("service=heartbeat .* event=failed failures=8", PATIENCE));
    assertThat(lockers()).isEqualTo(lockers);
    cluster.start();
    write();
    assertEverythingArrivedOnceInOrder();
    assertThat(awaitBalanced(2)).isEqualTo(before);
    assertThat(lockers()).isEqualTo(lockers);
    for (int i = 0; i < movers.size(); i++) {
      assertThat(movers.get(i).output().substring(balancing.get(i).length()))
          .doesNotContain("stepping_down", "ended_sessions");
    }
  }

  private FleetProcess start() {
    var mover =
        FleetProcess.ofModule("mover")
            .arguments("run", "--config", fleet.configFile(HEARTBEAT).toString())
            .start();
    movers.add(mover);
    mover.awaitLine("event=started", PATIENCE);
    return mover;
  }

  /** Waits until so many movers are alive, and each source is led by the one that should. */
  private Map<String, String> awaitBalanced(int count) {
    var balanced =
        Await.value(
            count + " movers to share the sources",
            PATIENCE,
            this::leaders,
            leaders -> {
              var alive = alive();
              return alive.size() == count
                  && leaders.keySet().equals(sourceIds)
                  && leaders.entrySet().stream()
                      .allMatch(e -> e.getValue().equals(preferred(alive, e.getKey())))
                  && new HashSet<>(lockers().values()).equals(new HashSet<>(leaders.values()));
            });
    // What is written before is not forwarded.
    sources.forEach(fleet::awaitPosition);
    return balanced;
  }

  private static String preferred(List<String> alive, String database) {
    return alive.stream()
        .filter(
            self -> {
              var others = alive.stream().filter(id -> !id.equals(self));
              var peers = others.map(id -> new Roster.Peer(id, Set.of(), Set.of())).toList();
              return new Roster(peers, Set.of(), Set.of()).rank(self, database) == 0;
            })
        .findFirst()
        .orElseThrow();
  }

  private List<String> alive() {
    return destination.strings("select mover_id from pgq_fleet.mover where alive_until > now()");
  }

  /** Who says that it leads a source, by source; more than one is an error. */
  private Map<String, String> leaders() {
    var leaders = new TreeMap<String, String>();
    destination
        .rows(
            row -> Map.entry(row.getString(1), row.getString(2)),
            "select unnest(leads), mover_id from pgq_fleet.mover where alive_until > now()")
        .forEach(e -> leaders.merge(e.getKey(), e.getValue(), (a, b) -> a + " and " + b));
    return leaders;
  }

  /** Who holds the lock of each source. */
  private Map<String, String> lockers() {
    var lockers = new TreeMap<String, String>();
    sources
        .getFirst()
        .rows(
            row -> Map.entry(row.getString(1), row.getString(2)),
            """
            select datname, string_agg(replace(application_name, 'pgq-fleet mover ', ''), ' and ')
              from pg_locks join pg_stat_activity using (pid)
             where locktype = 'advisory' and granted and datname = any(?)
             group by datname""",
            (Object) sources.stream().map(TestDatabase::name).toArray(String[]::new))
        .forEach(e -> lockers.put(e.getKey(), e.getValue()));
    return lockers;
  }

  private void awaitSessions(String moverId, String condition, boolean any) {
    Await.until(
        (any ? "" : "no ") + "sessions of " + moverId + " where " + condition,
        PATIENCE,
        () ->
            destination.number(
                        "select count(*) from pg_stat_activity where application_name = ? and "
                            + condition,
                        MoverId.applicationName(moverId))
                    > 0
                == any);
  }

  /** A few events into each source, in transactions of two. */
  private void write() {
    for (var source : sources) {
      for (int i = 0; i < 5; i++) {
        var next = "%s:%04d".formatted(source.name(), written.size());
        var data = List.of(next + "a", next + "b");
        source.insertEvents(QUEUE, "t", data);
        written.addAll(data);
        source.tick(QUEUE);
      }
    }
  }

  private void assertEverythingArrivedOnceInOrder() {
    sources.forEach(fleet::awaitDrained);
    var arrived = fleet.arrived();
    assertThat(arrived).containsExactlyInAnyOrderElementsOf(written);
    for (var source : sources) {
      var prefix = source.name() + ":";
      assertThat(arrived.stream().filter(d -> d.startsWith(prefix)))
          .containsExactlyElementsOf(written.stream().filter(d -> d.startsWith(prefix)).toList());
    }
    written.clear();
  }
}
