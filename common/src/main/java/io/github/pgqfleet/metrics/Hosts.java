package io.github.pgqfleet.metrics;

import io.github.pgqfleet.config.AdminConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which names one may ask. A page of another site whose name was made to lead here (DNS
 * rebinding) asks under that name, and so learns nothing; an address cannot be made to lead
 * elsewhere. Immutable.
 *
 * @param any whether the names are of no concern
 * @param names in lower case
 */
public record Hosts(boolean any, Set<String> names) {

  public Hosts {
    names = Set.copyOf(names);
  }

  /**
   * Any off the loopback when none are configured, for who comes to the address cannot be known.
   */
  public static Hosts of(AdminConfig admin) {
    var names = new HashSet<>(Set.of("localhost"));
    admin.hosts().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return new Hosts(admin.hosts().isEmpty() && !isLoopback(admin.address()), names);
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
   * @param header its header {@code Host}, or the host and port of its {@code Origin}; null when
   *     there is none, as no browser asks
   */
  public boolean allow(@Nullable String header) {
    return any || header == null || isAddress(header) || names.contains(name(header));
  }

  private static boolean isAddress(String header) {
    try {
      InetAddress.ofLiteral(name(header));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Without the port, which differs where it is forwarded. */
  private static String name(String header) {
    var name = header.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
  }
}
