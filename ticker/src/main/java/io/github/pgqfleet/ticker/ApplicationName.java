package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Sessions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/**
 * The sessions of this process, by their names: PostgreSQL shows what each is for, on which host
 * and in which process. Stateless.
 */
final class ApplicationName {

  /** What the sessions begin with that tick, or would, in this process or another. */
  static final String TICKING = "pgq-fleet ticker@";

  private static final String MAINTAINING = "pgq-fleet ticker maintenance@";
  private static final String COMMAND = "pgq-fleet ticker command@";

  /** PostgreSQL cuts names at this length. */
  private static final int LONGEST = 63;

  private ApplicationName() {}

  /**
   * Sessions that look and tick. Their statements are few, short and the same all day: planned
   * once, by their indexes, however large an event table has become.
   */
  static Sessions ticking() {
    return new Sessions(
        name(TICKING),
        Map.of("plan_cache_mode", "force_generic_plan", "enable_seqscan", "off", "jit", "off"));
  }

  /** Sessions that maintain. */
  static Sessions maintaining() {
    return new Sessions(name(MAINTAINING));
  }

  /** Sessions of commands that only look or provision. */
  static Sessions command() {
    return new Sessions(name(COMMAND));
  }

  private static String name(String purpose) {
    var process = "/" + ProcessHandle.current().pid();
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
