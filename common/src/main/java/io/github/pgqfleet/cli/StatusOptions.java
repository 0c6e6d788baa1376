package io.github.pgqfleet.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the three {@code status} commands have in common: the options, and how it is shown. */
public final class StatusOptions {

  private static final Duration WATCH_PERIOD = Duration.ofSeconds(2);
  private static final int ROWS = 20;
  private static final String CLEAR_SCREEN = "\033[H\033[2J\033[3J";

  @Option(
      names = "--json",
      description = "Print JSON, in one line; deploy/README.md tells its shape.")
  private boolean json;

  @Option(names = "--watch", description = "Show it again every 2 s, until Ctrl-C.")
  private boolean watch;

  @Option(names = "--all", description = "Show every row, not only the worst " + ROWS + ".")
  private boolean all;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /**
   * Shows a status as the options say. Watched, it goes on when the databases cannot be asked for a
   * while, and ends when nobody reads it any more.
   *
   * @param look finds it out; what Jackson makes of it is printed as JSON
   * @param print shows it to people
   * @param isFine whether the exit code is 0, else it is 1
   */
  public <T> int show(Callable<T> look, BiConsumer<T, Screen> print, Predicate<T> isFine)
      throws Exception {
    var out = spec.commandLine().getOut();
    if (!watch) {
      var status = look.call();
      show(status, print, out);
      return isFine.test(status) ? 0 : 1;
    }
    while (!out.checkError()) {
      try {
        show(look.call(), print, out);
      } catch (SQLException e) {
        spec.commandLine().getErr().println(e.getMessage());
      }
      TimeUnit.NANOSECONDS.sleep(WATCH_PERIOD.toNanos());
    }
    return 0;
  }

  private <T> void show(T status, BiConsumer<T, Screen> print, PrintWriter out)
      throws JsonProcessingException {
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(status));
    } else {
      if (watch && Screen.isTerminal()) {
        out.print(CLEAR_SCREEN);
      }
      print.accept(status, Screen.of(out, all ? Integer.MAX_VALUE : ROWS));
    }
    out.flush();
  }
}
