package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.cli.Version;
import picocli.CommandLine.Command;

/** The executable {@code mover.jar}. */
@Command(
    name = "mover",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Forwards the PgQ queues of many source databases into the queues of one destination"
          + " database, exactly once.",
      ""
    },
    footer = {
      "",
      "First steps:",
      "  mover check                 what is missing or wrong, without changing anything",
      "  mover provision --dry-run   the SQL that would create what is missing",
      "  mover provision             creates it",
      "  mover run                   forwards until SIGTERM; SIGHUP reads the configuration again",
      "",
      "When a position is lost:",
      "  mover rewind --dry-run NAME   what going back would deliver again; --help says when to",
      "  mover skip --dry-run NAME     what going forward would leave out",
      "",
      "Exit codes: 0 fine, 1 something failed at run time, 2 wrong use or configuration."
    },
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      DrainCommand.class,
      CheckCommand.class,
      ProvisionCommand.class,
      RewindCommand.class,
      SkipCommand.class
    })
public final class MoverMain {

  MoverMain() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    FleetCli.main(new MoverMain(), args);
  }
}
