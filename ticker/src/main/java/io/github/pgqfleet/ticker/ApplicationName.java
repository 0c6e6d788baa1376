package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Sessions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The sessions of this process, by their names: PostgreSQL shows what each is for, on which host
 * and in which process. Stateless.
 */
final class ApplicationName {

  /** What the sessions begin with that tick, or would, in this process or another. */
  static final String TICKING = "pgq-fleet ticker@";

  private static final String MAINTAINING = "pgq-fleet ticker maintenance@";
  private static final String PAGE = "pgq-fleet ticker page@";
  private static final String COMMAND = "pgq-fleet ticker command@";

  private static final String OF_THIS_PROCESS =
      Integer.toString(RandomGenerator.getDefault().nextInt(36 * 36 * 36), 36);

  /** PostgreSQL cuts names at this length. */
  private static final int LONGEST = 63;

  private ApplicationName() {}

  /**
   * Sessions that look and tick. Their statements are few, short and the same all day: planned
   * once, by their indexes, however large an event table has become.
   *
   * <p>A tick is committed without waiting for the disk, which the applications' commits would
   * feel. Nothing is lost by it: who consumes what a tick closes commits that, and a commit that
   * waits for the disk puts there all that was committed before it, the tick too. A crash before
   * that loses a tick that nobody has used, and the next one closes the same events.
   */
  static Sessions ticking() {
    return new Sessions(
        name(TICKING),
        Map.of(
            "plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off",
            "jit", "off",
            "max_parallel_workers_per_gather", "0",
            "synchronous_commit", "off"));
  }

  /** Sessions that maintain. */
  static Sessions maintaining() {
    return new Sessions(name(MAINTAINING));
  }

  /**
   * Sessions that ask for what the fleet page shows of one database. Compiling its statements takes
   * longer than they do.
   */
  static Sessions page() {
    return new Sessions(name(PAGE), Map.of("jit", "off"));
  }

  /** Sessions of commands that only look or provision. */
  static Sessions command() {
    return new Sessions(name(COMMAND));
  }

  private static String name(String purpose) {
    // In containers every process may have the same number, and on the host's network its name too.
    var process = "/" + ProcessHandle.current().pid() + "." + OF_THIS_PROCESS;
    var name = purpose + host();
    return name.substring(0, Math.min(LONGEST - process.length(), name.length())) + process;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
