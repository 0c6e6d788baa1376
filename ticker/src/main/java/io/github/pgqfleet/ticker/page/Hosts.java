package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.config.AdminConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which names the page may be asked for. On the loopback only under the loopback's: a page of
 * another site whose name was made to lead here (DNS rebinding) learns nothing. Immutable.
 *
 * @param any whether the names are of no concern, since the server was opened to others
 */
record Hosts(boolean any, Set<String> names) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

  Hosts {
    names = Set.copyOf(names);
  }

  static Hosts of(AdminConfig admin, Collection<String> more) {
    var names = new HashSet<>(LOOPBACK);
    more.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return new Hosts(!isLoopback(admin.address()), names);
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return true;
    }
  }

  /**
   * Whether a request may be answered.
   *
   * @param header its header {@code Host}, or the host and port of its {@code Origin}
   */
  boolean allow(@Nullable String header) {
    return any || (header != null && names.contains(name(header)));
  }

  /** Without the port, which differs where it is forwarded. */
  private static String name(String header) {
    var name = header.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
  }
}
