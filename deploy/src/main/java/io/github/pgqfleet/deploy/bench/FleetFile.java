package io.github.pgqfleet.deploy.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes the {@code fleet.conf} of our processes. Stateless. */
final class FleetFile {
  private FleetFile() {}

  /**
   * The text.
   *
   * @param moved the sources and queues
   * @param parts those of the processes, such as {@code ticker { period = 1s }}
   */
  static String of(Testbed testbed, Moved moved, String... parts) {
    Source destination = testbed.destination();
    return String.format(
        Locale.ROOT,
        """
        fleet {
          queues { %s }
          connection { user = postgres, ssl-mode = disable }
          servers {
        %s
          }
          destination { host = "%s", port = %d, database = %s }
        }
        %s
        """,
        moved.queues().stream().map(queue -> queue + " {}").collect(Collectors.joining(", ")),
        servers(testbed, moved),
        destination.cluster().host(),
        destination.cluster().port(),
        destination.name(),
        String.join("\n", parts));
  }

  private static String servers(Testbed testbed, Moved moved) {
    boolean all = moved.sources().equals(testbed.sources());
    return moved.sources().stream()
        .map(Source::cluster)
        .distinct()
        .map(
            cluster ->
                String.format(
                    Locale.ROOT,
                    "    port_%1$d { host = \"%2$s\", port = %1$d, databases = [%3$s] }",
                    cluster.port(),
                    cluster.host(),
                    (all
                            ? List.of(Testbed.PATTERN).stream()
                            : moved.sources().stream()
                                .filter(source -> source.cluster() == cluster)
                                .map(Source::name))
                        .map(name -> '"' + name + '"')
                        .collect(Collectors.joining(", "))))
        .collect(Collectors.joining("\n"));
  }
}
