package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code ticker.jar} and {@code mover.jar}: two processes for all clusters. */
final class OurFleet implements Ticker {
  private final Duration period;
  private final FleetJar ticker;
  private final FleetJar mover;

  /**
   * Writes their configuration.
   *
   * @param settings of the mover's part of fleet.conf
   * @param directory takes configuration and logs
   */
  OurFleet(
      Testbed testbed,
      Duration period,
      List<String> tickerJvm,
      List<String> moverJvm,
      String settings,
      Path directory) {
    this.period = period;
    Path configuration =
        BenchDirectory.write(
            directory.resolve("fleet.conf"),
            FleetFile.of(
                testbed,
                Moved.everything(testbed),
                OurTicker.part(period),
                OurMover.part(settings)));
    this.ticker = new FleetJar("ticker", tickerJvm, configuration);
    this.mover = new FleetJar("mover", moverJvm, configuration);
  }

  /** Makes the mover's table and registers its consumers. */
  void provision() throws InterruptedException {
    try (Child provision = mover.start("provision")) {
      provision.requireEnd();
    }
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
    return new Running(List.of(ticker.start("run"), mover.start("run")));
  }
}
