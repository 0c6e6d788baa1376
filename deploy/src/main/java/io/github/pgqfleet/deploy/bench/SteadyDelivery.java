package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/**
 * One run of a mover under a steady load, at whose end exactly the events that were written in it
 * must have been delivered. For one thread.
 */
final class SteadyDelivery implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  private final SteadyLoad writing;
  private final Mover mover;
  private final Map<String, Contents> before;
  private final Delivery delivery;

  private SteadyDelivery(
      SteadyLoad writing, Mover mover, Map<String, Contents> before, Delivery delivery) {
    this.writing = writing;
    this.mover = mover;
    this.before = before;
    this.delivery = delivery;
  }

  /** Makes the destination anew and registers the mover; the load has not begun. */
  static SteadyDelivery prepare(Testbed testbed, SteadyLoad writing, Mover mover)
      throws SQLException, InterruptedException {
    testbed.renewDestination();
    mover.provision();
    Map<String, Contents> before = Contents.of(writing.moved());
    testbed.checkpoint();
    var delivery = new Delivery(testbed.destination(), writing.moved().queues());
    return new SteadyDelivery(writing, mover, before, delivery);
  }

  /** Waits for about a batch of each queue; the load has begun. */
  void awaitBegin(Running movers) throws SQLException, InterruptedException {
    delivery.await(writing.eventsPerSecond(), START_TIMEOUT, movers);
  }

  /** For questions about what has come. */
  Delivery delivery() {
    return delivery;
  }

  /**
   * Waits for what is left, stops the movers and unregisters them; the load has ended.
   *
   * @param timeout without a new event
   * @return how long it took until all was there
   * @throws BenchFailure when the movers fail, or deliver other events than those of the load
   */
  Duration finish(Duration timeout, Running movers) throws SQLException, InterruptedException {
    // The load may have ended between its two transactions.
    writing.tick();
    Map<String, Contents> written = Contents.since(before, writing.moved());
    long ended = System.nanoTime();
    delivery.await(Contents.events(written), timeout, movers);
    Duration drain = Duration.ofNanos(System.nanoTime() - ended);
    movers.stop();
    delivery.audit(mover.name(), written);
    writing.moved().unregister(mover);
    return drain;
  }

  @Override
  public void close() throws SQLException {
    delivery.close();
  }
}
