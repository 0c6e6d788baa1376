package io.github.pgqfleet.ticker;

import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The commands of {@code deploy/cron/pgq-fleet-ticker}, so that what is tested is what is shipped:
 * their options stay, only where things are is replaced.
 *
 * @param schedule the five fields of time
 * @param command what cron runs
 * @param training what makes the AOT cache, once, at the installation
 */
record ShippedCron(String schedule, String command, String training) {

  private static final Path FILE =
      FleetProcess.projectRoot().resolve("deploy/cron/pgq-fleet-ticker");
  private static final Pattern LINE = Pattern.compile("((?:[*/0-9]+\\s+){5})\\S+\\s+(/.*)");
  private static final Pattern TRAINING =
      Pattern.compile("#\\s+PGQ_FLEET_USER=\\S+\\s+(/.* -XX:AOTCacheOutput=.*)");

  /**
   * Reads it, and puts this JVM's JDK and the built jar in the place of the installed ones.
   *
   * @param directory where {@code fleet.conf} is, {@code ticker.aot} and {@code ticker.log} will be
   */
  static ShippedCron in(Path directory) {
    var line = only(LINE);
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var jar = FleetProcess.projectRoot().resolve("ticker/target/ticker.jar");
    var places =
        Map.of(
            "/usr/bin/java",
            java,
            "/opt/pgq-fleet/ticker.jar",
            jar,
            "/opt/pgq-fleet/ticker.aot",
            directory.resolve("ticker.aot"),
            "/etc/pgq-fleet/fleet.conf",
            directory.resolve("fleet.conf"),
            "/var/log/pgq-fleet/ticker.log",
            directory.resolve("ticker.log"));
    return new ShippedCron(
        line.group(1).strip(),
        moved(line.group(2), places),
        moved(only(TRAINING).group(1), places));
  }

  private static String moved(String command, Map<String, Path> places) {
    var moved = command;
    for (var place : places.entrySet()) {
      moved = moved.replace(place.getKey(), place.getValue().toString());
    }
    return moved;
  }

  private static MatchResult only(Pattern pattern) {
    List<MatchResult> found;
    try (var lines = Files.lines(FILE)) {
      found = lines.flatMap(l -> pattern.matcher(l).results().filter(m -> m.start() == 0)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + FILE, e);
    }
    if (found.size() != 1) {
      throw new IllegalStateException(
          FILE + " has " + found.size() + " lines like " + pattern + ", not one");
    }
    return found.getFirst();
  }

  /**
   * The lines of a user's crontab for a cron that does not start a line again while it runs: one
   * for the even minutes and one for the odd ones.
   */
  String[] evenAndOdd() {
    if (!schedule.matches("\\*(\\s+\\*){4}")) {
      throw new IllegalStateException(FILE + " does not start it every minute but " + schedule);
    }
    return new String[] {"0-58/2 * * * * " + command, "1-59/2 * * * * " + command};
  }
}
