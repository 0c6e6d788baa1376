package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static io.github.pgqfleet.mover.TestFleet.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where events go; in memory and, with a buffer that holds but few of them, streaming. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class RoutesIT {

  private static final String WHOLE = "1MiB";
  private static final String STREAMING = "1KiB";
  private static final int EVENTS = 300;

  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
    for (var queue : List.of("p0", "p1", "p2")) {
      destination.createQueue(queue);
      destination.registerConsumer(queue, READER);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {WHOLE, STREAMING})
  void splitByType(String bufferSize) throws Exception {
    try (var _ =
        RunningMover.of(
            fleet,
            "buffer-size = " + bufferSize,
            "routes { orders { by = type, otherwise = p2,"
                + " types { \"it's\" = p0, b = p1, c = p0 } } }")) {
      fleet.awaitPosition(source);
      try (var connection = source.connect();
          var insert = connection.prepareStatement("select pgq.insert_event('orders', ?, ?)")) {
        connection.setAutoCommit(false);
        var types = new String[] {"it's", "b", "c", "d", null};
        for (int n = 0; n < EVENTS; n++) {
          insert.setString(1, types[n % types.length]);
          insert.setString(2, Integer.toString(n));
          insert.execute();
        }
        connection.commit();
      }
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived("p0")).isEqualTo(numbers(0, 2));
    assertThat(fleet.arrived("p1")).isEqualTo(numbers(1));
    assertThat(fleet.arrived("p2")).isEqualTo(numbers(3, 4));
    assertThat(fleet.arrived()).isEmpty();
  }

  /** The numbers of events with these remainders by five, as text. */
  private static List<String> numbers(int... remainders) {
    return IntStream.range(0, EVENTS)
        .filter(n -> IntStream.of(remainders).anyMatch(r -> n % 5 == r))
        .mapToObj(Integer::toString)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {WHOLE, STREAMING})
  void splitByHashKeepsEachKeyInOneQueueAndInOrder(String bufferSize) throws Exception {
    try (var _ =
        RunningMover.of(
            fleet,
            "buffer-size = " + bufferSize,
            "origin-column = extra4",
            "routes { orders { by = hash, column = extra1, queues = [p0, p1, p2] } }")) {
      fleet.awaitPosition(source);
      fleet.awaitPosition(other);
      for (var database : List.of(source, other)) {
        database.execute(
            """
            select count(pgq.insert_event('orders', 't', 'key' || n % 20 || '/' || n,
                                          'key' || n % 20, null, null, null))
              from generate_series(10001, 10600) n""");
      }
      fleet.awaitDrained(source);
      fleet.awaitDrained(other);
    }
    var all = new ArrayList<String>();
    var queueOfKey = new HashMap<String, String>();
    var used = new HashSet<String>();
    for (var queue : List.of("p0", "p1", "p2")) {
      var origins =
          destination.strings(
              """
              select split_part(ev_extra4, '/', 2) || ':' || ev_data
                from pgq.event_template event
                join pgq.queue on event.tableoid::regclass::text like queue_data_pfx || '\\_%'
               where queue_name = ? order by ev_id""",
              queue);
      var last = new HashMap<String, String>();
      for (var event : origins) {
        var key = event.substring(event.indexOf(':') + 1, event.indexOf('/'));
        assertThat(queueOfKey.computeIfAbsent(key, k -> queue)).isEqualTo(queue);
        var before = last.put(event.substring(0, event.indexOf('/')), event);
        assertThat(before == null || before.compareTo(event) < 0).as(event).isTrue();
        used.add(queue);
      }
      all.addAll(origins);
    }
    assertThat(used).hasSize(3);
    assertThat(all).hasSize(1200).doesNotHaveDuplicates();
    assertThat(fleet.arrived(QUEUE)).isEmpty();
  }
}
