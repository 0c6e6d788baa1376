package io.github.pgqfleet.mover;

import picocli.CommandLine.Command;

/** {@code mover rewind}. */
@Command(
    name = "rewind",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends a lost position by going back to what source and destination both know: nothing is"
          + " lost, events may come twice. A running mover then goes on by itself.",
      "Only queues whose position is lost are touched, unless --to is given.",
      "",
      "Look first: --dry-run counts the events that will be delivered (events=) and how many of"
          + " them may have been delivered before (delivered_before=), exactly where the source"
          + " still has the destination's tick, else by the time of writing.",
      ""
    },
    footer = {
      "",
      "Which way, after",
      "  the destination was restored from a backup",
      "      rewind: brings what the backup lacks, and nothing twice.",
      "  the consumer was altered or removed by hand",
      "      rewind: goes on where the destination is, nothing comes twice.",
      "  the source was restored from a backup",
      "      rewind: what was delivered after the backup was made comes twice.",
      "      skip --to the time of the restore: nothing comes twice; what the backup",
      "      had and was not delivered yet is lost.",
      "  the queue was dropped and created again",
      "      rewind: takes all that the new queue has.",
      "      skip: begins with what is written from now on.",
      "",
      "Exit codes: 0 fine, 1 something failed at run time, 2 wrong use."
    })
final class RewindCommand extends WayOutCommand {

  RewindCommand() {
    super(WayOut.REWIND);
  }
}
