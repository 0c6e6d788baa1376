package io.github.pgqfleet.deploy.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes the demonstration's {@code fleet.conf}. Stateless. */
final class FleetConf {
  private FleetConf() {}

  /** The address of one process's admin pages. */
  record Admin(int ticker, int mover, int worker) {}

  static String text(int port, DemoDirectory directory, Admin admin) {
    return String.format(
        Locale.ROOT,
        """
        # Fewer ticks mean fewer and larger batches: lower max-lags cost a small machine more than they
        # bring.
        fleet {
          queues { %s }
          queue-defaults { ticker-max-lag = 2s, ticker-idle-period = 10s }
          connection { port = %d, user = postgres, ssl-mode = disable }
          servers {
            demo { host = "127.0.0.1", databases = ["app_*"] }
          }
          destination { host = "127.0.0.1", database = central }
        }
        ticker { admin { port = %d } }
        # All its databases end their sessions at once, and share the machine with it.
        mover { stop-deadline = 2m, admin { port = %d } }
        worker {
          handlers-directory = "%s"
          queues {
        %s
          }
          admin { port = %d }
        }
        """,
        each(queue -> queue.queue() + " {}", ", "),
        port,
        admin.ticker(),
        admin.mover(),
        directory.handlers(),
        each(FleetConf::workers, "\n"),
        admin.worker());
  }

  private static String workers(DemoQueue queue) {
    // One queue is handled in Java, the others by a function in the database.
    String handler =
        queue == DemoQueue.PAYMENTS
            ? "type = java, name = payments"
            : "type = sql, function = \"app.handle\"";
    return "    %s { workers = %d, handler { %s } }"
        .formatted(queue.queue(), queue.workers(), handler);
  }

  private static String each(Function<DemoQueue, String> text, String separator) {
    return Arrays.stream(DemoQueue.values()).map(text).collect(Collectors.joining(separator));
  }
}
