package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** A mover in this process, stopped at the end; a stop that is not clean fails the test. */
final class RunningMover implements AutoCloseable {

  private final MoverApplication application;

  private RunningMover(MoverApplication application) {
    this.application = application;
  }

  /** Starts one, with more lines in its part {@code mover} of the configuration. */
  static RunningMover of(TestFleet fleet, String... moverLines) throws Exception {
    var application = new MoverApplication(fleet.config(moverLines), MoverId.create());
    application.start();
    return new RunningMover(application);
  }

  /** What is wrong, a line each. */
  String health() {
    return application.health().problems().values().stream()
        .map(p -> p.what() + "\n")
        .reduce("", String::concat);
  }

  void await(String what, BooleanSupplier condition) {
    Await.until(what, PATIENCE, condition::getAsBoolean);
  }

  @Override
  public void close() {
    try {
      assertThat(application.stop(Duration.ofSeconds(10))).as("stopped in time").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
