package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code ticker.jar}: one process for all clusters. */
final class OurTicker implements Ticker {
  private final Duration period;
  private final Path cache;
  private final FleetJar jar;

  /**
   * Writes its configuration.
   *
   * @param directory takes configuration and log
   */
  OurTicker(Testbed testbed, Duration period, List<String> jvmOptions, Path directory) {
    this(testbed, period, jvmOptions, directory, part(period));
  }

  /** One that answers on a port of the loopback. */
  static OurTicker answeringOn(
      int port, Testbed testbed, Duration period, List<String> jvmOptions, Path directory) {
    var part = "ticker { period = %dms, admin { port = %d } }".formatted(period.toMillis(), port);
    return new OurTicker(testbed, period, jvmOptions, directory, part);
  }

  private OurTicker(
      Testbed testbed, Duration period, List<String> jvmOptions, Path directory, String part) {
    this.period = period;
    this.cache = directory.resolve("ticker.aot");
    Path configuration =
        BenchDirectory.write(
            directory.resolve("fleet.conf"),
            FleetFile.of(testbed, Moved.everything(testbed), part));
    this.jar = new FleetJar("ticker", jvmOptions, configuration);
  }

  /** Its part of fleet.conf. */
  static String part(Duration period) {
    return "ticker { period = %dms, admin { enabled = false } }".formatted(period.toMillis());
  }

  @Override
  public String name() {
    return Figures.OURS;
  }

  @Override
  public Duration period() {
    return period;
  }

  @Override
  public Running start() {
    return new Running(List.of(jar.start("run")));
  }

  /** {@code ticker once}: everything once; ends by itself. With the cache of {@link #train}. */
  Child once() {
    return jar.start("once", "-XX:AOTCache=" + cache);
  }

  /** {@code ticker once} as at an installation, which makes the JVM's cache. */
  Child train() {
    return jar.start("once", "-XX:AOTCacheOutput=" + cache);
  }
}
