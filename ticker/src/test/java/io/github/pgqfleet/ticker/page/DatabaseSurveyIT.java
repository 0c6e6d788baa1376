package io.github.pgqfleet.ticker.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
@OnEachServer
class DatabaseSurveyIT {

  private static final Duration LATE = Duration.ofSeconds(10);

  private final TestDatabase database;
  private final Clock clock = new Clock();
  private final Audience audience = new Audience(clock);
  private final AtomicInteger news = new AtomicInteger();
  private final DatabaseSurvey survey =
      new DatabaseSurvey(LATE, audience, clock, () -> {}, news::incrementAndGet);
  private final Connection connection;

  DatabaseSurveyIT(TestDatabase database) throws SQLException {
    this.database = database;
    this.connection = database.connect();
  }

  /** Stands still until it is moved. */
  private static final class Clock implements InstantSource {
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    void pass(Duration duration) {
      now = now.plus(duration);
    }
  }

  /** Each call of PgQ's ticker makes a tick; and PgQ does not see the first event of a sequence. */
  @BeforeEach
  void makesAQueue() {
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '0')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '0')");
    database.insertEvent("orders", "new", "first");
    tick();
  }

  /** The fixture's own moves the sequence. */
  private void tick() {
    assertThat(database.number("select pgq.ticker('orders')")).isPositive();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void isDueOnlyWhileSomebodyWatches() {
    assertThat(isDue(1)).isFalse();
    assertThat(audience.asks()).isTrue();
    assertThat(isDue(1)).isTrue();
    clock.pass(Duration.ofSeconds(30));
    assertThat(isDue(1)).isFalse();
  }

  @Test
  void isNotTakenAfterEachLookButOwed() throws SQLException {
    audience.asks();
    assertThat(isDue(1)).isTrue();
    survey.take(connection);
    assertThat(survey.untilDue()).isGreaterThan(Duration.ofHours(1));

    clock.pass(Duration.ofSeconds(1));
    assertThat(isDue(2)).isFalse();
    assertThat(survey.isUpToDate()).isFalse();
    assertThat(survey.untilDue()).isEqualTo(Duration.ofSeconds(11));

    clock.pass(Duration.ofSeconds(9));
    assertThat(isDue(2)).isTrue();
    survey.take(connection);
    assertThat(survey.isUpToDate()).isTrue();
  }

  @Test
  void goesWithTheLookThatIsMadeWhenTheOwedOneIsDue() throws SQLException {
    audience.asks();
    assertThat(survey.isDue()).isFalse();
    assertThat(isDue(1)).isTrue();
    survey.take(connection);
    assertThat(isDue(2)).isFalse();
    assertThat(survey.isDue()).isFalse();

    clock.pass(Duration.ofSeconds(10));
    assertThat(survey.isDue()).isTrue();
    take();
    assertThat(survey.isDue()).isFalse();
    assertThat(survey.isUpToDate()).isTrue();
  }

  @Test
  void asksOnceMoreWhetherWhatWasJustTickedWaits() throws SQLException {
    takeWhereAnEventWasJustTicked();
    assertThat(survey.isUpToDate()).isFalse();
    assertThat(survey.untilDue()).isEqualTo(Duration.ofSeconds(12));

    clock.pass(Duration.ofSeconds(10));
    database.execute("update pgq.tick set tick_time = tick_time - interval '10 s'");
    assertThat(survey.isDue()).isTrue();
    take();
    assertThat(isDue(2)).isFalse();
    assertThat(survey.isUpToDate()).isTrue();
    assertThat(survey.untilDue()).isGreaterThan(Duration.ofHours(1));
  }

  @Test
  void goesWithNoLookForAWhileAfterALookThatFailedWithIt() throws SQLException {
    audience.asks();
    assertThat(isDue(1)).isTrue();
    survey.take(connection);
    assertThat(isDue(2)).isFalse();
    clock.pass(Duration.ofSeconds(10));
    assertThat(survey.isDue()).isTrue();
    survey.begin();
    assertThat(isDue(2)).isTrue();
    survey.take(connection);
    assertThat(isDue(3)).isFalse();

    clock.pass(Duration.ofSeconds(10));
    audience.asks();
    assertThat(survey.isDue()).isFalse();
    clock.pass(Duration.ofSeconds(50));
    audience.asks();
    assertThat(survey.isDue()).isTrue();
  }

  @Test
  void goesWithNoLookAfterOneThatFailed() throws SQLException {
    audience.asks();
    assertThat(isDue(1)).isTrue();
    var closed = database.connect();
    closed.close();
    assertThatThrownBy(() -> survey.take(closed)).isInstanceOf(SQLException.class);
    assertThat(isDue(2)).isFalse();

    clock.pass(Duration.ofMinutes(1));
    audience.asks();
    assertThat(survey.isDue()).isFalse();
    assertThat(isDue(2)).isTrue();
    survey.take(connection);
    assertThat(isDue(3)).isFalse();
    clock.pass(Duration.ofSeconds(10));
    assertThat(survey.isDue()).isTrue();
  }

  private void takeWhereAnEventWasJustTicked() throws SQLException {
    database.registerConsumer("orders", "reader");
    database.insertEvent("orders", "new", "a");
    tick();
    audience.asks();
    assertThat(isDue(2)).isTrue();
    survey.take(connection);
  }

  /** As a look takes it along. */
  private void take() throws SQLException {
    var taking = survey.begin();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(DatabaseSurvey.SQL)) {
      while (rows.next()) {
        taking.add(rows, 0);
      }
    }
    taking.done();
  }

  @Test
  void isNotDueWhereNoEventHasComeAndNothingWaits() throws SQLException {
    audience.asks();
    assertThat(isDue(1)).isTrue();
    survey.take(connection);

    clock.pass(Duration.ofSeconds(10));
    assertThat(isDue(1)).isFalse();
    assertThat(survey.untilDue()).isGreaterThan(Duration.ofHours(1));
    assertThat(survey.isDue(OptionalLong.empty())).isTrue();
    assertThat(isDue(2)).isTrue();
  }

  @Test
  void isDueNowAndThenAllTheSame() throws SQLException {
    audience.asks();
    assertThat(isDue(1)).isTrue();
    survey.take(connection);
    for (var i = 0; i < 30; i++) {
      clock.pass(Duration.ofSeconds(10));
      audience.asks();
      assertThat(isDue(1)).isFalse();
    }
    clock.pass(Duration.ofSeconds(1));
    assertThat(isDue(1)).isTrue();
  }

  @Test
  void comesSoonerWhereSomethingHasWaitedForLong() throws SQLException {
    takeWhereAnEventWasJustTicked();
    clock.pass(Duration.ofSeconds(9));
    assertThat(isDue(2)).isFalse();

    database.execute("update pgq.tick set tick_time = tick_time - interval '5 s'");
    clock.pass(Duration.ofSeconds(1));
    assertThat(isDue(2)).isTrue();
    survey.take(connection);
    clock.pass(Duration.ofSeconds(2));
    assertThat(isDue(2)).isTrue();
  }

  @Test
  void comesBeforeAnEventIsLateForLong() throws SQLException {
    var impatient =
        new DatabaseSurvey(Duration.ofSeconds(4), audience, clock, () -> {}, news::incrementAndGet);
    audience.asks();
    assertThat(impatient.isDue(OptionalLong.of(1))).isTrue();
    impatient.take(connection);
    assertThat(impatient.isDue(OptionalLong.of(2))).isFalse();
    assertThat(impatient.untilDue()).isEqualTo(Duration.ofMillis(4800));
  }

  @Test
  void tellsWhatIsNewOnly() throws SQLException {
    survey.take(connection);
    survey.take(connection);
    assertThat(news).hasValue(1);
    database.insertEvent("orders", "new", "a");
    survey.take(connection);
    assertThat(news).hasValue(2);
  }

  @Test
  void showsTheConsumerThatIsFarthestBehind() throws SQLException {
    database.registerConsumer("orders", "quick");
    database.registerConsumer("orders", "slow");
    database.insertEvents("orders", "new", List.of("a", "b", "c"));
    tick();
    database.consume("orders", "quick");

    var queue = queue();
    assertThat(queue.consumer()).isEqualTo("slow");
    assertThat(queue.waiting()).isEqualTo(3);
    assertThat(queue.waitsSince()).isNotNull();
    assertThat(queue.unticked()).isZero();

    database.consume("orders", "slow");
    assertThat(queue().waitsSince()).isNull();
    assertThat(queue().waiting()).isZero();
  }

  @Test
  void takesABatchOfAnIdleTickForNoLag() throws SQLException {
    database.registerConsumer("orders", "reader");
    tick();
    database.number("select pgq.next_batch('orders', 'reader')");

    assertThat(queue().waitsSince()).isNull();
  }

  @Test
  void showsEventsThatNobodyTicks() throws SQLException {
    database.execute("select pgq.set_queue_config('orders', 'ticker_paused', 'true')");
    database.insertEvent("orders", "new", "a");

    var queue = queue();
    assertThat(queue.untickedBy()).isEqualTo("paused");
    assertThat(queue.unticked()).isEqualTo(1);
    assertThat(queue.waitsSince()).isNotNull();
  }

  @Test
  void takesNoTransactionId() throws SQLException {
    survey.take(connection);
    var before = next();
    survey.take(connection);
    assertThat(next()).isEqualTo(before);
  }

  @Test
  void countsTheEventsThatComeWhileSomebodyWatches() throws SQLException {
    audience.asks();
    survey.take(connection);
    database.insertEvents("orders", "new", List.of("a", "b", "c"));
    clock.pass(Duration.ofSeconds(10));
    audience.asks();
    survey.take(connection);

    assertThat(latestRate()).isEqualTo(0.3);
  }

  @Test
  void countsNoEventsWhereTheTickerMovedTheSequence() throws SQLException {
    audience.asks();
    survey.take(connection);
    database.number("select pgq.force_tick('orders')");
    survey.moved("orders", 2001);
    database.insertEvent("orders", "new", "a");
    clock.pass(Duration.ofSeconds(10));
    audience.asks();
    survey.take(connection);

    assertThat(latestRate()).isEqualTo(0.1);
  }

  private double latestRate() {
    var sums = new double[Rates.STEPS];
    Objects.requireNonNull(survey.rates().get("orders"))
        .addTo(sums, Rates.step(clock.instant()) - 1);
    return sums[Rates.STEPS - 1];
  }

  private boolean isDue(long eventIds) {
    return survey.isDue(OptionalLong.of(eventIds));
  }

  private Survey.Queue queue() throws SQLException {
    survey.take(connection);
    return survey.queues().getFirst();
  }

  private long next() {
    return database.number("select txid_snapshot_xmax(txid_current_snapshot())");
  }
}
