package io.github.pgqfleet.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.failed.DeadLetter;
import io.github.pgqfleet.worker.failed.DeadLetterFilter;
import io.github.pgqfleet.worker.failed.DeadLetters;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code worker dead list}. */
@Command(
    name = "list",
    description = "Lists dead letters, the oldest first, and counts them.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadListCommand implements Callable<Integer> {

  private static final int AT_ONCE = 100;
  private static final int USUAL_LIMIT = 100;
  private static final int LONGEST_ERROR = 100;
  private static final String LINE = "%-10s %-20s %12s %-16s %8s %-27s %s%n";

  @Mixin private final DeadOptions options = new DeadOptions();

  @Option(
      names = "--json",
      description =
          "Print an object a line, with payload and stack. Without --limit all of them; else "
              + USUAL_LIMIT
              + ".")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var worker = options.config();
    var filter = options.filter(worker);
    var out = spec.commandLine().getOut();
    try (var connection = new Sessions("pgq-fleet worker dead").open(worker.destination())) {
      var letters = new DeadLetters(connection);
      int limit = options.limit().orElse(json ? Integer.MAX_VALUE : USUAL_LIMIT);
      if (!json) {
        out.printf(LINE, "id", "queue", "event", "type", "attempts", "failed", "error");
      }
      int listed = list(letters, filter, limit, out);
      if (!json) {
        out.println("dead: listed=" + listed + " all=" + letters.count(filter));
      }
      out.flush();
    }
    return 0;
  }

  private int list(DeadLetters letters, DeadLetterFilter filter, int limit, PrintWriter out)
      throws SQLException, IOException {
    var mapper = new ObjectMapper();
    int listed = 0;
    long last = 0;
    while (listed < limit) {
      var some = letters.read(filter, last, Math.min(AT_ONCE, limit - listed));
      if (some.isEmpty()) {
        break;
      }
      for (var letter : some) {
        if (json) {
          out.println(mapper.writeValueAsString(letter));
        } else {
          line(letter, out);
        }
      }
      listed += some.size();
      last = some.getLast().id();
    }
    return listed;
  }

  private static void line(DeadLetter letter, PrintWriter out) {
    var error = letter.error().lines().findFirst().orElse("");
    out.printf(
        LINE,
        letter.id(),
        letter.queue(),
        letter.eventId(),
        letter.type() == null ? "" : letter.type(),
        letter.attempts(),
        letter.failedAt(),
        error.length() > LONGEST_ERROR ? error.substring(0, LONGEST_ERROR) + " ..." : error);
  }
}
