package io.github.pgqfleet.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on a terminal; nothing in a pipe. Thread-safe. */
public final class Progress implements AutoCloseable {

  private final @Nullable ProgressBar bar;

  /**
   * @param steps how often {@link #step} will be called
   */
  public Progress(String task, int steps) {
    @SuppressWarnings("SystemConsoleNull") // it is null again where there is no terminal
    var isTerminal = System.console() != null && System.console().isTerminal();
    this.bar =
        isTerminal
            ? ProgressBar.builder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build()
            : null;
  }

  /** One more is done. */
  public void step() {
    if (bar != null) {
      bar.step();
    }
  }

  /** So many are done by now. */
  public void stepTo(int steps) {
    if (bar != null) {
      bar.stepTo(steps);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
