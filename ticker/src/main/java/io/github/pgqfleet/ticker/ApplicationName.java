package io.github.pgqfleet.ticker;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What PostgreSQL shows of a ticker's sessions. Stateless. */
final class ApplicationName {

  /** PostgreSQL cuts names at this length. */
  private static final int LONGEST = 63;

  private ApplicationName() {}

  /** Names the program and this host, so that status can say where the leader runs. */
  static String ofThisProcess() {
    var name = "pgq-fleet ticker@" + host();
    return name.substring(0, Math.min(LONGEST, name.length()));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
