package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.DurationConverter;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mover drain}. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = {
      "Empties source databases and keeps the movers away from them, for maintenance: waits until"
          + " everything that was committed there before is delivered, and no mover has a session"
          + " there. Later events stay in the source until --release.",
      "It takes a tick after the command's start, which an idle queue gets each ticker-idle-period.",
      "Exits 1 at the timeout, or when no mover runs; the databases then stay draining."
    })
final class DrainCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--release", description = "Let the movers go on with these databases.")
  private boolean release;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "10m",
      description = "How long to wait, such as 30s or 10m (default: ${DEFAULT-VALUE}).")
  private Duration timeout = Duration.ofMinutes(10);

  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "A server's name for all of its databases, or server/database.")
  private List<String> names = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var mover = config.load(MoverConfig::read);
    var sessions = new Sessions(ApplicationNames.MOVER + "drain");
    var out = commandLine().getOut();
    var sources = sources(mover, sessions);
    try (var destination = sessions.open(mover.fleet().destination())) {
      if (release) {
        release(new Drains(destination, mover.consumer()), sources, out);
        return 0;
      }
      try (var draining = new Draining(mover, destination, out)) {
        return drain(draining, sources, sessions, out);
      }
    }
  }

  private int drain(Draining draining, List<Database> sources, Sessions sessions, PrintWriter out)
      throws SQLException, InterruptedException {
    var undo =
        "`mover drain --release %s` lets the movers go on".formatted(String.join(" ", names));
    var interrupted = new Thread(() -> say(out, "still draining; " + undo));
    Runtime.getRuntime().addShutdownHook(interrupted);
    var done = false;
    try {
      draining.begin(sources, sessions);
      say(
          out,
          "draining %d databases; an idle queue waits for its next tick".formatted(sources.size()));
      done = draining.await(timeout);
      draining.unfinished().forEach(out::println);
      return done ? 0 : 1;
    } finally {
      Runtime.getRuntime().removeShutdownHook(interrupted);
      say(out, (done ? "drained; " : "not drained, still draining; ") + undo);
    }
  }

  private static void release(Drains drains, List<Database> sources, PrintWriter out)
      throws SQLException {
    for (var source : sources) {
      say(out, source + (drains.release(source.id()) ? ": released" : ": was not draining"));
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  /** The databases that are named, each once. */
  private List<Database> sources(MoverConfig mover, Sessions sessions) throws SQLException {
    var sources = new LinkedHashSet<Database>();
    for (var name : names) {
      var slash = name.indexOf('/');
      var serverName = slash < 0 ? name : name.substring(0, slash);
      var server =
          mover.fleet().servers().stream()
              .filter(s -> s.name().equals(serverName))
              .findFirst()
              .orElseThrow(() -> unknown(name, "server"));
      if (slash < 0) {
        sources.addAll(Discovery.find(server, sessions));
      } else if (server.includes(name.substring(slash + 1))) {
        sources.add(server.database(name.substring(slash + 1)));
      } else {
        throw unknown(name, "database");
      }
    }
    return List.copyOf(sources);
  }

  private CommandLine.ParameterException unknown(String name, String what) {
    return new CommandLine.ParameterException(
        commandLine(), "\"%s\": the configuration has no such %s".formatted(name, what));
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }
}
