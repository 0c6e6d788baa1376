package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The first server of the sources is stopped at once, without a checkpoint, and after a while
 * started again. For one thread.
 */
final class Outage {
  private final Testbed testbed;
  private final Duration length;

  /**
   * Does nothing yet.
   *
   * @param length how long it is away
   */
  Outage(Testbed testbed, Duration length) {
    this.testbed = testbed;
    this.length = length;
  }

  /** The sources that are away. */
  List<Source> sources() {
    var cluster = testbed.clusters().getFirst();
    return testbed.sources().stream().filter(source -> source.cluster() == cluster).toList();
  }

  void begin() {
    testbed.clusters().getFirst().stopImmediate();
  }

  /** Lets it last, and returns when the server accepts connections again, and since when. */
  Instant end() throws InterruptedException {
    Thread.sleep(length);
    testbed.clusters().getFirst().start();
    return Instant.now();
  }
}
