package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** {@code ticker.jar}: one process for all clusters. */
final class OurTicker implements Ticker {
  private final List<String> jvmOptions;
  private final Duration period;
  private final Path configuration;
  private final Path log;

  /**
   * Writes its configuration.
   *
   * @param directory takes configuration and log
   */
  OurTicker(Testbed testbed, Duration period, List<String> jvmOptions, Path directory) {
    this.jvmOptions = List.copyOf(jvmOptions);
    this.period = period;
    this.configuration = directory.resolve("fleet.conf");
    this.log = directory.resolve("ticker.log");
    try {
      Files.writeString(configuration, configurationOf(testbed));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + configuration, e);
    }
  }

  private String configurationOf(Testbed testbed) {
    var servers = new StringBuilder();
    for (var cluster : testbed.clusters()) {
      servers.append(
          String.format(
              Locale.ROOT,
              "    port_%1$d { host = \"%2$s\", port = %1$d, databases = [\"%3$s\"] }\n",
              cluster.port(),
              cluster.host(),
              Testbed.PATTERN));
    }
    var first = testbed.clusters().getFirst();
    return String.format(
        Locale.ROOT,
        """
        fleet {
          queues { %s }
          connection { user = postgres, ssl-mode = disable }
          servers {
        %s  }
          destination { host = "%s", port = %d, database = %s }
        }
        ticker {
          period = %dms
          admin { enabled = false }
        }
        """,
        Testbed.QUEUES.stream().map(queue -> queue + " {}").collect(Collectors.joining(", ")),
        servers,
        first.host(),
        first.port(),
        Testbed.DESTINATION,
        period.toMillis());
  }

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public Duration period() {
    return period;
  }

  @Override
  public Running start() {
    return new Running(List.of(start("run")));
  }

  /** {@code ticker once}: everything once; ends by itself. With the cache of {@link #train}. */
  Child once() {
    return start("once", "-XX:AOTCache=" + cache());
  }

  /** {@code ticker once} as at an installation, which makes the JVM's cache. */
  Child train() {
    return start("once", "-XX:AOTCacheOutput=" + cache());
  }

  private Path cache() {
    return configuration.resolveSibling("ticker.aot");
  }

  private Child start(String command, String... moreOptions) {
    Path jar = FleetProcess.projectRoot().resolve("ticker/target/ticker.jar");
    if (!Files.isRegularFile(jar)) {
      throw new BenchFailure(jar + " is missing; deploy/bench builds it");
    }
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(jvmOptions);
    line.addAll(List.of(moreOptions));
    line.addAll(List.of("-jar", jar.toString(), command, "--config", configuration.toString()));
    return Child.start("ticker " + command, line, log);
  }
}
