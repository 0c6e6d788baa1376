package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Sessions;
import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code mover rewind} and {@code mover skip} have in common: all but the direction. */
abstract class WayOutCommand implements Callable<Integer> {

  private final WayOut way;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(
      arity = "1..*",
      paramLabel = "NAME",
      description = "SERVER, SERVER/DATABASE or SERVER/DATABASE/QUEUE; any number of them.")
  private final List<String> names = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "TIME",
      converter = Goal.Converter.class,
      description =
          "Go there instead, and with queues that are not lost too: a time by the source's clock,"
              + " such as 2031-05-20T14:30:00Z, or a tick's id. Rotation has removed what is older"
              + " than one or two rotation periods.")
  private @Nullable Goal goal;

  @Option(
      names = "--dry-run",
      description = "Show what would be done, and count the events at stake; change nothing.")
  private boolean dryRun;

  @Option(names = "--yes", description = "Do not ask. Needed where there is no terminal.")
  private boolean yes;

  @Spec private @Nullable CommandSpec spec;

  WayOutCommand(WayOut way) {
    this.way = way;
  }

  @Override
  public Integer call() throws Exception {
    var terminal = terminal();
    if (!dryRun && !yes && terminal.isEmpty()) {
      throw wrongUse("there is no terminal to ask on; give --yes, or --dry-run to look first");
    }
    var mover = config.load(MoverConfig::read);
    var selection = selection(mover);
    if (goal instanceof Goal.TickId && !selection.isOneQueue()) {
      throw wrongUse("a tick's id means something in one queue only; give a time, or one queue");
    }
    var sessions = new Sessions(ApplicationNames.MOVER + way.command());
    var found = selection.find(mover, sessions);
    var report = new WayOutReport(way, out());
    found.failed().forEach((server, e) -> report.failed(server, e));

    var repositionings = new Repositionings(mover, sessions, way, Optional.ofNullable(goal));
    var moves = report.prospects(repositionings.look(found.queues()), dryRun);
    if (!dryRun && !moves.isEmpty()) {
      if (!yes && !confirmed(terminal.orElseThrow(), moves.size())) {
        out().println("nothing was changed");
        out().flush();
        return 1;
      }
      report.moves(repositionings.apply(moves));
    }
    return report.summary(dryRun);
  }

  private Selection selection(MoverConfig mover) {
    try {
      return Selection.of(names, mover);
    } catch (IllegalArgumentException e) {
      throw wrongUse(String.valueOf(e.getMessage()));
    }
  }

  private boolean confirmed(Console terminal, int queues) {
    out().flush();
    var answer = terminal.readLine("%s: move %d queues? [y/N] ", way.command(), queues);
    return answer != null && answer.strip().equalsIgnoreCase("y");
  }

  private static Optional<Console> terminal() {
    @SuppressWarnings("SystemConsoleNull") // it is null again where there is no terminal
    var console = System.console();
    return Optional.ofNullable(console).filter(Console::isTerminal);
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private ParameterException wrongUse(String why) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), why);
  }
}
