package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param parts what to measure
 * @param databases how many source databases
 * @param clusters over how many clusters they are spread
 * @param heartbeat the movers'
 * @param workers sub-consumers of each worker process
 * @param deadInterval the workers'
 * @param hold how long a handler holds a batch
 * @param period of the tickers
 * @param outage how long a server is away
 * @param settle how long processes are left alone before something happens to them
 * @param runs of each
 * @param tickerJvm options of our ticker's JVM
 * @param mover our mover's
 * @param worker our worker's
 */
record TakeoverOptions(
    Set<Part> parts,
    int databases,
    int clusters,
    Duration heartbeat,
    int workers,
    Duration deadInterval,
    Duration hold,
    Duration period,
    Duration outage,
    Duration settle,
    int runs,
    List<String> tickerJvm,
    JarOptions mover,
    JarOptions worker) {

  /** What is measured one after the other. */
  enum Part {
    /** One of two movers dies or freezes. */
    MOVER,
    /** One of two workers dies. */
    WORKER,
    /** A server of the sources is away. */
    SERVER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  TakeoverOptions {
    parts = Set.copyOf(parts);
    tickerJvm = List.copyOf(tickerJvm);
    Require.that(databases >= 1 && databases <= 999, "--databases must be from 1 to 999");
    Require.that(clusters >= 1, "--clusters must be positive");
    Require.that(
        databases % clusters == 0,
        "%d databases cannot be spread evenly over %d clusters".formatted(databases, clusters));
    Require.that(
        workers >= 1 && workers <= Purpose.MOST_WORKERS / 2,
        "--workers must be from 1 to " + Purpose.MOST_WORKERS / 2);
    Require.that(
        hold.compareTo(deadInterval) < 0,
        "--hold must be shorter than --dead-interval, or it would be measured");
    Require.that(!settle.isNegative(), "--settle must be positive");
    Require.that(runs >= 1, "--runs must be positive");
  }
}
