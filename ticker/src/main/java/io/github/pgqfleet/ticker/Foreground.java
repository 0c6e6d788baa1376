package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What stands in for a supervisor when work is done once, by a command. Thread-safe. */
final class Foreground implements ServiceContext {

  @Override
  public boolean stopRequested() {
    return false;
  }

  @Override
  public boolean sleep(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    return true;
  }

  @Override
  public void succeeded() {}
}
