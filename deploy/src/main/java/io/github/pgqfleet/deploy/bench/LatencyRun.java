package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One run of one chain, from its start to its stop. For one thread. */
final class LatencyRun {

  /** With the start of three JVMs and hundreds of connections. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  /** An idle tick, which events may wait for, comes once a minute. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(90);

  /**
   * How long the load goes on before and after the window. Reading what hundreds of processes have
   * used is work, which no event of the window shall wait for; and none shall be among the last,
   * which no further event brings a tick.
   */
  private static final Duration APART = Duration.ofSeconds(2);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Testbed testbed;
  private final Duration settle;
  private final Duration window;

  /**
   * Does nothing yet.
   *
   * @param settle how long a chain is left alone, under load, after its first events
   * @param window how long it is measured
   */
  LatencyRun(Testbed testbed, Duration settle, Duration window) {
    this.testbed = testbed;
    this.settle = settle;
    this.window = window;
  }

  /**
   * Figures by name.
   *
   * @throws BenchFailure when the chain fails, or does not handle each event once
   */
  Map<String, Double> of(Chain chain) throws SQLException, InterruptedException {
    testbed.renewDestination(Ground.KEPT);
    chain.provision();
    Map<String, Contents> before = Contents.of(chain.moved());
    testbed.checkpoint();
    try (Connection destination = testbed.destination().connect();
        Running running = chain.start()) {
      Window seen;
      try (Load load = load(chain)) {
        awaitHandled(destination, (long) Math.ceil(chain.rate()), START_TIMEOUT, running);
        load.sleepThrough(settle, running);
        seen = window(load, running);
      }
      Map<String, Contents> written = Contents.since(before, chain.moved());
      awaitHandled(destination, Contents.events(written), DRAIN_TIMEOUT, running);
      Map<String, Double> figures = figures(destination, seen);
      running.stop();
      Handled.audit(testbed.destination(), chain.name(), written);
      chain.unregister();
      return figures;
    }
  }

  private static void awaitHandled(
      Connection destination, long events, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      running.requireRunning();
      long handled = Handled.count(destination);
      if (handled >= events) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new BenchFailure(
            "only %d of %d events were handled after %d s; the logs end:\n%s"
                .formatted(handled, events, timeout.toSeconds(), running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }

  /** An event a transaction, each into any of the queues. */
  private static Load load(Chain chain) throws SQLException {
    String queues =
        chain.moved().queues().stream()
            .map(queue -> "'" + queue + "'")
            .collect(Collectors.joining(", "));
    String write =
        """
        select pgq.insert_event((array[%s])[1 + floor(random() * %d)::integer], 'load',
                                repeat('x', 200))
        """
            .formatted(queues, chain.moved().queues().size());
    return Load.start(
        chain.moved().sources(), chain.rate() / chain.moved().sources().size(), List.of(write));
  }

  /** What is measured, and when. */
  private record Window(Instant from, Instant to, Usage used, double residentMegabytes) {}

  private Window window(Load load, Running running) throws InterruptedException {
    Usage before = Usage.of(testbed, running);
    load.sleepThrough(APART, running);
    Instant from = Instant.now();
    load.sleepThrough(window, running);
    Instant to = Instant.now();
    load.sleepThrough(APART, running);
    Usage used = Usage.of(testbed, running).since(before);
    return new Window(from, to, used, running.residentMegabytes());
  }

  private static Map<String, Double> figures(Connection destination, Window seen)
      throws SQLException {
    Map<String, Double> figures = Handled.latencies(destination, seen.from(), seen.to());
    if (figures.isEmpty()) {
      throw new BenchFailure("the application wrote nothing while it was measured; raise --rate");
    }
    figures.put("total_cpu", seen.used().percent(seen.used().total()));
    figures.put("own_cpu", seen.used().percent(seen.used().own()));
    figures.put("rss_mb", seen.residentMegabytes());
    return figures;
  }
}
