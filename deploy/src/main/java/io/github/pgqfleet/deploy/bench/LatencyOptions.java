package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;

/**
 * What the user asked for.
 *
 * @param databases how many source databases ours has
 * @param clusters over how many clusters they are spread
 * @param rate events a second over all of them, and in the peer's one queue
 * @param period of the tickers, and the peer's loop delays
 * @param workers sub-consumers a destination queue; the peer has one
 * @param settle how long a chain is left alone after its first events
 * @param window how long a run is measured
 * @param runs of each chain
 * @param tickerJvm options of our ticker's JVM
 * @param mover our mover's
 * @param worker our worker's
 */
record LatencyOptions(
    int databases,
    int clusters,
    double rate,
    Duration period,
    int workers,
    Duration settle,
    Duration window,
    int runs,
    List<String> tickerJvm,
    JarOptions mover,
    JarOptions worker) {

  LatencyOptions {
    tickerJvm = List.copyOf(tickerJvm);
    Require.that(databases >= 1 && databases <= 999, "--databases must be from 1 to 999");
    Require.that(clusters >= 1, "--clusters must be positive");
    Require.that(
        databases % clusters == 0,
        "%d databases cannot be spread evenly over %d clusters".formatted(databases, clusters));
    Require.that(rate > 0, "--rate must be positive");
    Require.that(
        period.compareTo(Purpose.CHAINS_MAX_LAG) >= 0,
        "--period must be at least %d ms, the queues' ticker_max_lag"
            .formatted(Purpose.CHAINS_MAX_LAG.toMillis()));
    Require.that(workers >= 1, "--workers must be positive");
    Require.that(!settle.isNegative(), "--settle must be positive");
    Require.that(window.isPositive(), "--seconds must be positive");
    Require.that(runs >= 1, "--runs must be positive");
  }
}
