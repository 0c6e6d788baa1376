package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param databases how many source databases; each number is measured by itself
 * @param clusters over how many clusters they are spread
 * @param loads the loads to measure under
 * @param period our ticker's
 * @param peerPeriod pgqd's
 * @param runs of each ticker
 * @param window how long a run is measured
 * @param settle how long a ticker is left alone after its first ticks
 * @param rate transactions a second in each busy database, under {@link LoadKind#BUSY16}
 * @param rateOverAll transactions a second over all databases, under {@link LoadKind#ALL}
 * @param straddlers transactions that straddle a tick, for each ticker
 * @param straddlerQuiet how long their queues are left alone before; PgQ ticks a queue without new
 *     events after twice the time between its last two ticks, so after a longer pause pgqd takes
 *     longer to deliver their events, up to the idle period of a minute
 * @param straddlerWait how long one is waited for
 * @param parts what to measure
 * @param jvmOptions our ticker's
 */
record TickerOptions(
    List<Integer> databases,
    int clusters,
    List<LoadKind> loads,
    Duration period,
    Duration peerPeriod,
    int runs,
    Duration window,
    Duration settle,
    double rate,
    double rateOverAll,
    int straddlers,
    Duration straddlerQuiet,
    Duration straddlerWait,
    Set<Part> parts,
    List<String> jvmOptions) {

  /** What is measured one after the other. */
  enum Part {
    /** CPU, memory, connections, start-up, tick jitter and commit latency, in interleaved runs. */
    RUNS,
    /** How long events of transactions that straddle a tick wait. */
    STRADDLER,
    /** The time of {@code ticker once}. */
    ONCE,
    /** What an open page and a scrape each five seconds add; the peer is our ticker without. */
    WATCHED,
    /** One of the clusters freezes. */
    SICK;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  TickerOptions {
    databases = List.copyOf(databases);
    loads = List.copyOf(loads);
    parts = Set.copyOf(parts);
    jvmOptions = List.copyOf(jvmOptions);
    require(databases.stream().allMatch(number -> number >= 1 && number <= 999), "--databases");
    require(clusters >= 1, "--clusters");
    require(runs >= 1, "--runs");
    require(window.isPositive(), "--seconds");
    require(!settle.isNegative(), "--settle");
    require(rate > 0, "--rate");
    require(rateOverAll > 0, "--rate-over-all");
    require(straddlers >= 1, "--straddlers");
    require(!straddlerQuiet.isNegative(), "--straddler-quiet");
    require(straddlerWait.isPositive(), "--straddler-wait");
    if (parts.contains(Part.SICK) && clusters < 2) {
      throw new IllegalArgumentException("--parts sick needs --clusters 2 or more, one to freeze");
    }
    for (int number : databases) {
      if (number % clusters != 0) {
        throw new IllegalArgumentException(
            number + " databases cannot be spread evenly over " + clusters + " clusters");
      }
    }
  }

  private static void require(boolean holds, String option) {
    if (!holds) {
      throw new IllegalArgumentException(
          option + " must be positive" + (option.equals("--databases") ? ", and below 1000" : ""));
    }
  }

  /** Transactions a second in each of the busy databases. */
  double rateOfEach(LoadKind load, int busy) {
    return load == LoadKind.ALL ? rateOverAll / busy : rate;
  }

  /** So short for the loaded queues that each look of either ticker finds a tick due. */
  Duration maxLag() {
    Duration shorter = period.compareTo(peerPeriod) < 0 ? period : peerPeriod;
    Duration half = shorter.dividedBy(2);
    Duration most = Duration.ofMillis(100);
    return half.compareTo(most) < 0 ? half : most;
  }
}
