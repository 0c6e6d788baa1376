package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.cli.Version;
import picocli.CommandLine.Command;

/** The command line of {@code worker.jar}. */
@Command(
    name = "worker",
    description = "Consumes the destination's queues with cooperative sub-consumers.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      CheckCommand.class,
      ProvisionCommand.class,
      DeadCommand.class,
      PauseCommand.class,
      ResumeCommand.class
    })
public final class WorkerMain {

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    FleetCli.main(new WorkerMain(), args);
  }
}
