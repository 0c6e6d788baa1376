package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.pgq.NextBatches;
import io.github.pgqfleet.pgq.NextBatches.Asked;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Batches of three queues of one database, which are open. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class JointReadIT {

  private static final String CONSUMER = "mover";
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Pools pools = new Pools(MoverSessions.moving(MoverId.create()));
  private final BufferMemory memory = new BufferMemory(BUFFER_BYTES, BUFFER_BYTES);
  private final JointRead read = new JointRead(memory);
  private TestDatabase database;
  private List<SourceQueue> queues;
  private Lender source;
  private final Map<SourceQueue, OptionalLong> delivered = new HashMap<>();

  @BeforeEach
  void queues(PgqServer server, @TempDir Path directory) {
    database = server.newDatabase();
    var place = new TestFleet(directory, server.newDatabase(), database).queue(database).source();
    queues =
        List.of(
            queue(place, "plain", new Route.Whole("plain"), OriginColumn.NONE),
            queue(place, "noted", new Route.Whole("all"), OriginColumn.EXTRA2),
            queue(
                place,
                "parted",
                new Route.ByHash(Route.HashColumn.DATA, List.of("p0", "p1", "p2")),
                OriginColumn.NONE));
    source = new Lender(pools.pool(place, 2), 2);
  }

  private SourceQueue queue(Database place, String name, Route route, OriginColumn origin) {
    TestFleet.createEagerQueue(database, name);
    database.registerConsumer(name, CONSUMER);
    return new SourceQueue(place, name, CONSUMER, route, origin);
  }

  @AfterEach
  void disconnect() {
    pools.close();
  }

  @Test
  void bringsOfEachBatchWhatReadingItAloneBrings() throws Exception {
    for (var queue : queues) {
      for (int i = 0; i < 7; i++) {
        database.execute(
            "select pgq.insert_event('%s', 'type', 'data %d', null, '', 'é', null)"
                .formatted(queue.queue(), i));
      }
    }
    // Not in the order of their ids.
    database.execute(
        "insert into %s (ev_id, ev_time, ev_type, ev_data) select 10000 - i, now(), 't', 'late ' || i"
                .formatted(database.string("select pgq.current_event_table('parted')"))
            + " from generate_series(1, 5) i");
    var open = open();
    var together = together(open);
    assertThat(together.keySet()).containsExactlyElementsOf(queues);
    for (var queue : queues) {
      var alone = alone(queue, open);
      assertThat(alone).hasSize(queue.queue().equals("parted") ? 12 : 7);
      assertThat(together.get(queue)).isEqualTo(alone);
    }
    assertThat(isFree()).isTrue();
  }

  @Test
  void bringsEmptyBatchesToo() throws Exception {
    database.insertEvent("noted", "t", "1");
    var together = together(open());
    assertThat(together.get(queues.get(0))).isEmpty();
    assertThat(together.get(queues.get(1))).hasSize(1);
    assertThat(together.get(queues.get(2))).isEmpty();
  }

  @Test
  void leavesABatchOfManyEventsToItsQueue() throws Exception {
    for (var queue : queues) {
      database.insertEvent(queue.queue(), "t", "1");
    }
    database.execute("select pgq.insert_event('plain', 't', 'more') from generate_series(1, 100)");
    assertThat(together(open()).keySet()).containsExactly(queues.get(1), queues.get(2));
  }

  @Test
  void leavesTheLargestToItsQueueOfWhatTogetherIsMoreThanThereIsMemoryFor() throws Exception {
    for (var queue : queues) {
      database.execute(
          "select pgq.insert_event('%s', 't', repeat('x', %d)) from generate_series(1, 2)"
              .formatted(queue.queue(), queue.queue().equals("noted") ? 1600 : 1500));
    }
    var open = open();
    for (int tries = 0; tries < 10; tries++) {
      assertThat(together(open).keySet()).containsExactly(queues.get(0), queues.get(2));
      assertThat(isFree()).isTrue();
    }
    assertThat(alone(queues.get(1), open)).hasSize(2);
  }

  @Test
  void readsNoFurtherThanMemoryGoesWhereTheEventSequenceMisleads() throws Exception {
    for (var queue : queues) {
      database.insertEvent(queue.queue(), "t", "1");
    }
    database.execute(
        "insert into %s (ev_id, ev_time, ev_type) select -i, now(), 't'"
                .formatted(database.string("select pgq.current_event_table('plain')"))
            + " from generate_series(1, 20000) i");
    assertThat(together(open()).keySet()).containsExactly(queues.get(1), queues.get(2));
    assertThat(isFree()).isTrue();
  }

  @Test
  void readsNothingWhereThereIsNoMemory() throws Exception {
    var open = open();
    try (var taken = memory.tryReserve().orElseThrow()) {
      assertThat(taken.bytes()).isEqualTo(BUFFER_BYTES);
      assertThat(together(open)).isEmpty();
    }
    assertThat(together(open)).hasSize(queues.size());
  }

  @Test
  void leavesEachToItselfForAWhileWhereOneCannotBeRead() throws Exception {
    var open = open();
    var table = database.string("select pgq.current_event_table('noted')");
    database.execute("alter table %s rename to elsewhere".formatted(table));
    assertThat(together(open)).isEmpty();
    assertThat(isFree()).isTrue();
    database.execute(
        "alter table pgq.elsewhere rename to %s"
            .formatted(table.substring(table.indexOf('.') + 1)));
    assertThat(together(open)).isEmpty();
    assertThat(alone(queues.getFirst(), open)).isEmpty();
  }

  @Test
  void bringsTheEventsOfTransactionsThatAreOpenAtATickWithTheirOwnBatch() throws Exception {
    try (var early = database.connect();
        var late = database.connect()) {
      for (var writer : List.of(late, early)) {
        writer.setAutoCommit(false);
        insert(writer, "open");
      }
      database.insertEvent("plain", "t", "first");
      assertThat(togetherAsAlone(open())).containsExactly("first");
      early.commit();
      database.insertEvent("plain", "t", "second");
      assertThat(togetherAsAlone(open())).containsExactly("open", "second");
      late.rollback();
      insert(late, "late");
      late.commit();
      assertThat(togetherAsAlone(open())).containsExactly("late");
    }
  }

  @Test
  void bringsTheEventsOfATransactionThatBeganLongAgo() throws Exception {
    try (var writer = database.connect()) {
      writer.setAutoCommit(false);
      insert(writer, "old");
      database.execute(
          """
          do $$ begin
            create table numbers (n int4);
            for i in 1..200 loop
              begin insert into numbers values (i); exception when others then raise; end;
            end loop;
          end $$""");
      database.insertEvent("plain", "t", "meanwhile");
      assertThat(togetherAsAlone(open())).containsExactly("meanwhile");
      writer.commit();
    }
    database.insertEvent("plain", "t", "new");
    assertThat(togetherAsAlone(open())).containsExactly("old", "new");
  }

  /** One that took its snapshot before the rotation writes into the old table after it. */
  @Test
  void leavesABatchToItsQueueAsLongAsATransactionIsOpenThatBeganBeforeARotation() throws Exception {
    try (var open = database.connect();
        var late = database.connect()) {
      open.setAutoCommit(false);
      insert(open, "open");
      late.setAutoCommit(false);
      late.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try (var statement = late.createStatement()) {
        statement.execute("select from pgq.queue");
      }
      rotate();
      open();
      insert(late, "late");
      late.commit();
      var batches = open();
      assertThat(together(batches).keySet()).containsExactly(queues.get(1), queues.get(2));
      assertThat(alone(queues.getFirst(), batches)).hasSize(1);
      open.rollback();
    }
    open();
    open();
    database.insertEvent("plain", "t", "after");
    assertThat(together(open()).keySet()).containsExactlyElementsOf(queues);
  }

  @Test
  void leavesABatchToItsQueueWhoseTransactionIdsRunBackwards() throws Exception {
    var open = open();
    database.execute(
        """
        update pgq.tick set tick_snapshot = '10:10:' from pgq.queue
         where tick_queue = queue_id and queue_name = 'plain' and tick_id = ?""",
        Objects.requireNonNull(open.get(queues.getFirst())).batch().current().id());
    assertThat(together(open).keySet()).containsExactly(queues.get(1), queues.get(2));
  }

  @Test
  void bringsOnlyTheConsumersOwnOfEventsThatWereToBeRetried() throws Exception {
    var table = database.string("select pgq.current_event_table('plain')");
    var own =
        database.number(
            "select sub_id from pgq.subscription join pgq.queue on queue_id = sub_queue"
                + " where queue_name = 'plain'");
    for (int i = 0; i < 3; i++) {
      database.execute(
          "insert into %s (ev_id, ev_time, ev_owner, ev_data) values (%d, now(), %d, 'for %d')"
              .formatted(table, 1000 + i, own + i, i));
    }
    assertThat(togetherAsAlone(open())).containsExactly("for 0");
  }

  @Test
  void leavesABatchToItsQueueThatSpansARotationAndGoesOnWithTheNewTable() throws Exception {
    database.insertEvent("plain", "t", "before");
    assertThat(togetherAsAlone(open())).containsExactly("before");
    database.insertEvent("plain", "t", "in the old table");
    database.execute("update pgq.queue set queue_switch_time = now() - '1 day'::interval");
    database.execute("select pgq.maint_rotate_tables_step1('plain')");
    database.insertEvent("plain", "t", "in the new table");
    for (var rotated : List.of("half", "whole")) {
      var open = open();
      assertThat(together(open).keySet())
          .as("rotated " + rotated)
          .containsExactly(queues.get(1), queues.get(2));
      assertThat(alone(queues.getFirst(), open)).hasSize(rotated.equals("half") ? 2 : 0);
      database.execute("select pgq.maint_rotate_tables_step2()");
    }
    database.insertEvent("plain", "t", "after");
    assertThat(togetherAsAlone(open())).containsExactly("after");
    assertThat(database.string("select pgq.current_event_table('plain')")).endsWith("_1");
  }

  @Test
  void leavesABatchToItsQueueWhoseTableItDoesNotKnowYet() throws Exception {
    database.insertEvent("plain", "t", "before");
    assertThat(togetherAsAlone(open())).containsExactly("before");
    rotate();
    open();
    database.insertEvent("plain", "t", "in the new table");
    var open = open();
    assertThat(together(open).keySet()).containsExactly(queues.get(1), queues.get(2));
    assertThat(togetherAsAlone(open)).containsExactly("in the new table");
  }

  @Test
  void needsNoMoreThanPgqReader() throws Exception {
    database.insertEvent("plain", "t", "1");
    var open = open();
    var reader = database.name() + "_reader";
    database.execute("create role " + reader);
    try (var loan = source.borrow();
        var statement = loan.connection().createStatement()) {
      database.execute("grant pgq_reader to " + reader);
      statement.execute("set role " + reader);
      var together = read.of(loan.connection(), open);
      statement.execute("reset role");
      assertThat(together.keySet()).containsExactlyElementsOf(queues);
    } finally {
      database.execute("drop role " + reader);
    }
  }

  @Test
  void leavesOutABatchThatAnotherHasFinished() throws Exception {
    var open = open();
    database.execute(
        "select pgq.finish_batch(?)", Objects.requireNonNull(open.get(queues.get(1))).batch().id());
    assertThat(together(open).keySet()).containsExactly(queues.get(0), queues.get(2));
    assertThat(together(open()).keySet()).containsExactlyElementsOf(queues);
  }

  private void rotate() {
    database.execute("update pgq.queue set queue_switch_time = now() - '1 day'::interval");
    database.execute("select pgq.maint_rotate_tables_step1('plain')");
    database.execute("select pgq.maint_rotate_tables_step2()");
  }

  private static void insert(Connection writer, String data) throws SQLException {
    try (var statement = writer.prepareStatement("select pgq.insert_event('plain', 't', ?)")) {
      statement.setString(1, data);
      statement.execute();
    }
  }

  /** The data of what the first queue's batch brings, together with the others as alone. */
  private List<String> togetherAsAlone(Map<SourceQueue, OpenBatch> open) throws Exception {
    var queue = queues.getFirst();
    assertThat(together(open).get(queue)).isEqualTo(alone(queue, open));
    try (var loan = source.borrow();
        var statement =
            loan.connection()
                .prepareStatement("select ev_data from pgq.get_batch_events(?) order by ev_id")) {
      statement.setLong(1, Objects.requireNonNull(open.get(queue)).batch().id());
      try (var rows = statement.executeQuery()) {
        var data = new ArrayList<String>();
        while (rows.next()) {
          data.add(rows.getString(1));
        }
        return data;
      }
    }
  }

  /** Finishes the batches that are open, and opens the next. */
  private Map<SourceQueue, OpenBatch> open() throws Exception {
    var open = new LinkedHashMap<SourceQueue, OpenBatch>();
    for (var queue : queues) {
      TestFleet.tickUnforced(database, queue.queue());
    }
    try (var loan = source.borrow()) {
      var next = new NextBatches(loan.connection(), CONSUMER, 0);
      for (var queue : queues) {
        var asked = new Asked(queue.queue(), delivered.getOrDefault(queue, OptionalLong.empty()));
        open.put(queue, next.of(asked).orElseThrow());
      }
    }
    open.forEach((queue, batch) -> delivered.put(queue, OptionalLong.of(batch.batch().id())));
    return open;
  }

  private Map<SourceQueue, List<String>> together(Map<SourceQueue, OpenBatch> open)
      throws Exception {
    var rows = new LinkedHashMap<SourceQueue, List<String>>();
    try (var loan = source.borrow()) {
      for (var queue : read.of(loan.connection(), open).entrySet()) {
        try (var events = queue.getValue()) {
          rows.put(queue.getKey(), rows(events));
        }
      }
    }
    return rows;
  }

  private List<String> alone(SourceQueue queue, Map<SourceQueue, OpenBatch> open) throws Exception {
    var eventSql = Objects.requireNonNull(open.get(queue)).eventSql().orElseThrow();
    try (var events = BatchEvents.begin(source, queue, eventSql, memory)) {
      return rows(events);
    }
  }

  /** Each row's queue and bytes. */
  private static List<String> rows(BatchEvents events) {
    assertThat(events.isWhole()).isTrue();
    var rows = new ArrayList<String>();
    for (var row : events.rows()) {
      var bytes = Arrays.copyOfRange(row.bytes(), row.offset(), row.bytes().length);
      rows.add(row.queue() + " " + Arrays.toString(bytes));
    }
    return rows;
  }

  private boolean isFree() {
    try (var room = memory.tryReserve().orElse(null)) {
      return room != null;
    }
  }
}
