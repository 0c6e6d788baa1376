package io.github.pgqfleet.deploy.bench;

import java.time.Duration;

/** The most memory of a candidate's processes that was seen resident. For one thread. */
final class MostMemory {

  /** Finding a process's descendants means looking at all processes. */
  private static final Duration EACH = Duration.ofMillis(500);

  private double megabytes;
  private long seen = System.nanoTime() - EACH.toNanos();

  /** Looks, unless the last look was just before. */
  void look(Running running) {
    if (System.nanoTime() - seen >= EACH.toNanos()) {
      megabytes = Math.max(megabytes, running.residentMegabytes());
      seen = System.nanoTime();
    }
  }

  /** The most of all looks. */
  double megabytes() {
    return megabytes;
  }
}
