package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.cli.Version;
import picocli.CommandLine.Command;

/** The ticker's command line: a list of its commands. */
@Command(
    name = "ticker",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes PgQ's ticks in all databases of a fleet, and does PgQ's maintenance: without ticks no"
          + " consumer gets an event. Any number of tickers may serve the same databases: one ticks,"
          + " the others stand by.",
      ""
    },
    subcommands = {
      RunCommand.class,
      OnceCommand.class,
      StatusCommand.class,
      CheckCommand.class,
      ProvisionCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ticker check --config fleet.conf            what is missing, changing nothing",
      "  ticker provision --dry-run                  the SQL that would create it",
      "  ticker run                                  the daemon; SIGTERM stops it, SIGHUP reloads",
      "  * * * * *  ticker run --for 60s             the same from cron, without a gap",
      "  ticker status --watch                       who ticks what, the worst first",
      "",
      "Every command takes --help. Log level: $$PGQ_FLEET_LOG (INFO).",
      "",
      "Exit codes: 0 fine, 1 something failed at run time, 2 wrong use or configuration."
    })
public final class TickerMain {

  private TickerMain() {}

  static void main(String[] args) {
    FleetCli.main(new TickerMain(), args);
  }
}
