package io.github.pgqfleet.deploy.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Says what is going on, with the time since the start. Thread-safe. */
final class Narrator {
  private final PrintStream err;
  private final long start = System.nanoTime();

  Narrator(PrintStream err) {
    this.err = err;
  }

  void say(String text) {
    err.println(String.format(Locale.ROOT, "[%7.1f s] %s", elapsed().toMillis() / 1e3, text));
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
