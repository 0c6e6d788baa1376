package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.config.Section;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * How a command is run. Immutable.
 *
 * @param eventsPerCall most events that one run is fed
 * @param timeout bound on one run; then it is killed
 * @param waitOn exit codes that say that nothing can be handled just now
 * @param deadOn exit codes that say that the events cannot ever be handled
 */
public record CommandOptions(
    Per per,
    int eventsPerCall,
    Decode decode,
    Duration timeout,
    Set<Integer> waitOn,
    Set<Integer> deadOn) {

  public CommandOptions {
    waitOn = Set.copyOf(waitOn);
    deadOn = Set.copyOf(deadOn);
  }

  /** Reads a handler's section, or the one of the defaults. */
  public static CommandOptions read(Section command) {
    return new CommandOptions(
        command.oneOf("per", Per.class),
        command.integer("events-per-call", 1, 10_000),
        command.oneOf("decode", Decode.class),
        command.duration("timeout", Duration.ofMillis(100), Duration.ofHours(1)),
        codes(command, "wait-on"),
        codes(command, "dead-on"));
  }

  private static Set<Integer> codes(Section command, String key) {
    var codes = new HashSet<Integer>();
    for (var text : command.strings(key)) {
      if (text.matches("\\d{1,3}")
          && Integer.parseInt(text) >= 1
          && Integer.parseInt(text) <= 255) {
        codes.add(Integer.valueOf(text));
      } else {
        command.problem(key, "names \"" + text + "\"; it takes exit codes from 1 to 255");
      }
    }
    return codes;
  }

  /** How many events one run is fed at most. */
  int eventsPerRun() {
    return per == Per.EVENT ? 1 : eventsPerCall;
  }
}
