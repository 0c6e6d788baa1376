package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.deploy.demo.Watch.Line;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the user sees: on a terminal a table that is drawn anew each second, in a pipe a line a
 * second. For one thread.
 */
final class Screen {
  private final PrintStream out;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private Map<DemoQueue, Line> before = new EnumMap<>(DemoQueue.class);
  private long beforeNanos;
  private boolean drawn;

  Screen(PrintStream out) {
    this.out = out;
    @SuppressWarnings("SystemConsoleNull") // it is null again where there is no terminal
    boolean isTerminal = System.console() != null && System.console().isTerminal();
    this.terminal = isTerminal;
  }

  /** One line about a step, with the time since the start. */
  void say(String text) {
    drawn = false;
    double seconds = (System.nanoTime() - start) / 1e9;
    out.println(String.format(Locale.ROOT, "[%6.1f s] %s", seconds, text));
  }

  /** Text as it is. */
  void print(String text) {
    drawn = false;
    out.println(text);
  }

  /** Shows how far the load is. */
  void show(Duration elapsed, Duration all, Map<DemoQueue, Line> now) {
    double seconds = (System.nanoTime() - beforeNanos) / 1e9;
    Line total = now.values().stream().reduce(Line.NONE, Line::plus);
    Line totalBefore = before.values().stream().reduce(Line.NONE, Line::plus);
    if (terminal) {
      if (drawn) {
        out.print("\033[" + (now.size() + 2) + "A\033[J");
      }
      out.println(
          String.format(
              Locale.ROOT,
              "%-18s %8s %9s %9s %9s %8s %8s",
              "load %ds of %ds".formatted(elapsed.toSeconds(), all.toSeconds()),
              "workers",
              "written/s",
              "handled/s",
              "handled",
              "waiting",
              "lag ms"));
      now.forEach(
          (queue, line) ->
              row(
                  queue.queue(),
                  Integer.toString(queue.workers()),
                  line,
                  before.getOrDefault(queue, Line.NONE),
                  seconds));
      row("all", "", total, totalBefore, seconds);
      out.flush();
      drawn = true;
    } else {
      say(
          String.format(
              Locale.ROOT,
              "load: second=%d written_s=%.0f handled_s=%.0f handled=%d waiting=%d lag_ms=%d",
              elapsed.toSeconds(),
              (total.committed() - totalBefore.committed()) / seconds,
              (total.handled() - totalBefore.handled()) / seconds,
              total.handled(),
              Math.max(0, total.committed() - total.handled()),
              total.lagMillis()));
    }
    before = now;
    beforeNanos = System.nanoTime();
  }

  private void row(String name, String workers, Line line, Line earlier, double seconds) {
    out.println(
        String.format(
            Locale.ROOT,
            "  %-16s %8s %9.0f %9.0f %9d %8d %8d",
            name,
            workers,
            (line.committed() - earlier.committed()) / seconds,
            (line.handled() - earlier.handled()) / seconds,
            line.handled(),
            Math.max(0, line.committed() - line.handled()),
            line.lagMillis()));
  }

  /** The moment, and the state, from which the first rates count. */
  void loadStarts(Map<DemoQueue, Line> now) {
    before = now;
    beforeNanos = System.nanoTime();
  }
}
