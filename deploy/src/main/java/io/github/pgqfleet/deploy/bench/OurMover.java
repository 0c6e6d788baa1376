package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code mover.jar}: one process for all queues. */
final class OurMover implements Mover {

  /** Its default. */
  private static final String CONSUMER = "pgq_fleet";

  private final FleetJar jar;

  /**
   * Writes its configuration.
   *
   * @param settings of its part of fleet.conf, such as {@code buffer-size = 1MiB}
   * @param directory takes configuration and log
   */
  OurMover(Testbed testbed, Moved moved, List<String> jvmOptions, String settings, Path directory) {
    Path configuration =
        BenchDirectory.write(
            directory.resolve("fleet.conf"), FleetFile.of(testbed, moved, part(settings)));
    this.jar = new FleetJar("mover", jvmOptions, configuration);
  }

  /** Its part of fleet.conf. */
  static String part(String settings) {
    return "mover { admin { enabled = false }\n" + settings + "\n}";
  }

  @Override
  public String name() {
    return Figures.OURS;
  }

  @Override
  public String consumer(Source source, String queue) {
    return CONSUMER;
  }

  @Override
  public void provision() throws InterruptedException {
    try (Child provision = jar.start("provision")) {
      provision.requireEnd();
    }
  }

  @Override
  public Running start() {
    return new Running(List.of(jar.start("run")));
  }
}
