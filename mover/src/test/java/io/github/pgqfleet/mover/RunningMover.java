package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A mover in this process, stopped at the end; a stop that is not clean fails the test. */
final class RunningMover implements AutoCloseable {

  private final MoverApplication application;
  private final Log log = Log.open();

  private RunningMover(MoverApplication application) {
    this.application = application;
  }

  /** Starts one, with more lines in its part {@code mover} of the configuration. */
  static RunningMover of(TestFleet fleet, String... moverLines) throws Exception {
    var mover = new RunningMover(new MoverApplication(fleet.config(moverLines), MoverId.create()));
    mover.application.start();
    return mover;
  }

  /** What is wrong, a line each. */
  String health() {
    return application.health().problems().values().stream()
        .map(p -> p.what() + "\n")
        .reduce("", String::concat);
  }

  /** What it has logged as errors. */
  List<String> errors() {
    return log.errors();
  }

  /** How many positions are lost. */
  long positionsLost() {
    return application.lost();
  }

  void await(String what, BooleanSupplier condition) {
    Await.until(what, PATIENCE, condition::getAsBoolean);
  }

  @Override
  public void close() {
    log.close();
    try {
      assertThat(application.stop(Duration.ofSeconds(10))).as("stopped in time").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
