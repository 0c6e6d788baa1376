package io.github.pgqfleet.deploy.demo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the user asked for.
 *
 * @param databases how many source databases
 * @param duration how long the load lasts
 * @param rate events a second over all databases, those of rolled-back transactions included
 * @param keep leave everything running after the audit
 */
record DemoOptions(int databases, Duration duration, int rate, boolean keep) {

  DemoOptions {
    if (databases < 1 || databases > 9_999 || !duration.isPositive() || rate < 1) {
      throw new IllegalArgumentException("databases, seconds and rate must be positive");
    }
  }

  /** How many source queues. */
  int queues() {
    return databases * DemoQueue.values().length;
  }

  /** The names of the source databases. */
  List<String> databaseNames() {
    return IntStream.rangeClosed(1, databases)
        .mapToObj(number -> String.format(Locale.ROOT, "app_%03d", number))
        .toList();
  }
}
