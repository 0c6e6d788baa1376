package io.github.pgqfleet.deploy.demo;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** The queues of each database, with unequal loads and as many workers as they deserve. */
enum DemoQueue {
  ORDERS(50, 4),
  PAYMENTS(25, 2),
  SHIPMENTS(15, 1),
  NOTICES(8, 1),
  AUDIT(2, 1);

  private static final int ALL = 100;

  private final int percent;
  private final int workers;

  DemoQueue(int percent, int workers) {
    this.percent = percent;
    this.workers = workers;
  }

  String queue() {
    return name().toLowerCase(Locale.ROOT);
  }

  int workers() {
    return workers;
  }

  /** Draws a queue by weight. */
  static DemoQueue any(RandomGenerator random) {
    int drawn = random.nextInt(ALL);
    for (DemoQueue queue : values()) {
      drawn -= queue.percent;
      if (drawn < 0) {
        return queue;
      }
    }
    throw new IllegalStateException("The queues' shares do not add up to " + ALL);
  }
}
