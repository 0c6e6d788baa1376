package io.github.pgqfleet.deploy.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** The options about our three processes. */
final class ChainProcesses {

  @Option(
      names = "--ticker-jvm-options",
      split = " ",
      // These three as in deploy/systemd.
      defaultValue = "-Xmx64m -XX:+UseSerialGC")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> tickerJvmOptions;

  @Option(names = "--mover-jvm-options", split = " ", defaultValue = "-Xmx128m -XX:+UseSerialGC")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> moverJvmOptions;

  @Option(names = "--worker-jvm-options", split = " ", defaultValue = "-Xmx256m -XX:+UseSerialGC")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> workerJvmOptions;

  @Option(names = "--mover-settings", defaultValue = "", paramLabel = "TEXT")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String moverSettings;

  @Option(names = "--worker-settings", defaultValue = "", paramLabel = "TEXT")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String workerSettings;

  List<String> tickerJvm() {
    return List.copyOf(tickerJvmOptions);
  }

  JarOptions mover() {
    return new JarOptions(moverJvmOptions, moverSettings);
  }

  JarOptions worker() {
    return new JarOptions(workerJvmOptions, workerSettings);
  }
}
