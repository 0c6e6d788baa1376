package io.github.pgqfleet.mover;

import picocli.CommandLine.Command;

/** {@code mover skip}. */
@Command(
    name = "skip",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends a lost position by going forward to the newest tick of the source: nothing comes"
          + " twice, the events in between are not delivered. A running mover then goes on by"
          + " itself.",
      "Only queues whose position is lost are touched, unless --to is given.",
      "",
      "For when an event twice does more harm than an event missed; `mover rewind --help` says"
          + " which way is for which case. After a source was restored from a backup, --to the"
          + " time of the restore leaves out what the backup had, and takes all since.",
      "",
      "Look first: --dry-run counts the events that will not be delivered (events=) and how many"
          + " of them may have been delivered before (delivered_before=), exactly where the source"
          + " still has the destination's tick, else by the time of writing.",
      ""
    },
    footer = {"", "Exit codes: 0 fine, 1 something failed at run time, 2 wrong use."})
final class SkipCommand extends WayOutCommand {

  SkipCommand() {
    super(WayOut.SKIP);
  }
}
