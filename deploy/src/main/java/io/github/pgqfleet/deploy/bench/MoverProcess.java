package io.github.pgqfleet.deploy.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** The options about our mover's process. */
final class MoverProcess {

  @Option(
      names = "--jvm-options",
      split = " ",
      // As in deploy/systemd.
      defaultValue = "-Xmx128m -XX:+UseSerialGC")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> jvmOptions;

  @Option(names = "--settings", defaultValue = "", paramLabel = "TEXT")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String settings;

  List<String> jvmOptions() {
    return List.copyOf(jvmOptions);
  }

  /** For its part of fleet.conf. */
  String settings() {
    return settings;
  }
}
