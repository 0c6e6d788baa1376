package io.github.pgqfleet.lifecycle;

import java.time.Duration;

/**
 * Does something short again and again, such as a line of figures in the log.
 *
 * @param period the pause before each time
 */
public record Periodically(String name, Duration period, Runnable action) implements Service {

  /** How often the daemons write their line of figures. */
  public static final Duration FIGURES = Duration.ofMinutes(1);

  @Override
  public boolean interruptible() {
    return true;
  }

  @Override
  public void run(ServiceContext context) throws InterruptedException {
    while (context.sleep(period)) {
      action.run();
      context.succeeded();
    }
  }
}
