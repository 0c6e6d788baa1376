package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.ApplicationNames;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;

/**
 * Who a mover is: to the other movers, and in {@code pg_stat_activity}, where its sessions carry
 * its id. No two are the same, also of two runs with one process number, as containers have them.
 *
 * @param host the name of its host
 * @param id the host's name, the process number and something random, printable ASCII
 */
record MoverId(String host, String id) {

  /** PostgreSQL cuts names at this length. */
  private static final int LONGEST_APPLICATION_NAME = 63;

  /** A new one for this process. */
  static MoverId create() {
    var host = hostName();
    var suffix =
        "-%d.%s"
            .formatted(
                ProcessHandle.current().pid(),
                Integer.toString(RandomGenerator.getDefault().nextInt(36 * 36 * 36), 36));
    var room = LONGEST_APPLICATION_NAME - ApplicationNames.MOVER.length() - suffix.length();
    // PostgreSQL replaces anything else in an application's name.
    var ascii = host.replaceAll("[^!-~]", "?");
    return new MoverId(host, ascii.substring(0, Math.min(room, ascii.length())) + suffix);
  }

  /** The name of this mover's sessions. */
  String applicationName() {
    return applicationName(id);
  }

  /** The name of the sessions of a mover. */
  static String applicationName(String id) {
    return ApplicationNames.MOVER + id;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
