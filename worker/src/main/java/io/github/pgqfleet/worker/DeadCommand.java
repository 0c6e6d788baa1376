package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Version;
import picocli.CommandLine.Command;

/** {@code worker dead}: a family of commands. */
@Command(
    name = "dead",
    description = {
      "Lists, replays or drops dead letters: events that could not be handled at their last"
          + " attempt, each with its error.",
      "They are rows of pgq_fleet.dead_letter in the destination, of which the options choose some."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {DeadListCommand.class, DeadReplayCommand.class, DeadDropCommand.class})
final class DeadCommand {}
