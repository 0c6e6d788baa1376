package io.github.pgqfleet.config;

import java.util.List;

/**
 * Where a daemon answers {@code /metrics}, {@code /livez}, {@code /readyz}, {@code /healthz} and
 * {@code /status}. Immutable.
 *
 * @param port 0 takes any free port and says which in the log
 * @param hosts names under which one may ask, beside the loopback's
 */
public record AdminConfig(boolean enabled, String address, int port, List<String> hosts) {

  public AdminConfig {
    hosts = List.copyOf(hosts);
  }

  /** Reads the part {@code admin} of an executable's section. */
  public static AdminConfig read(Section section) {
    var admin = section.section("admin");
    return new AdminConfig(
        admin.bool("enabled"),
        admin.string("address"),
        admin.integer("port", 0, 65_535),
        admin.strings("hosts"));
  }
}
