package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.time.Duration;

/** A context whose time passes at once. */
final class Unhurried implements ServiceContext {

  @Override
  public boolean stopRequested() {
    return false;
  }

  @Override
  public boolean sleep(Duration duration) {
    return true;
  }

  @Override
  public void succeeded() {}
}
