package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.FleetProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One of our fat jars, to be started.
 *
 * @param module such as {@code ticker}
 * @param jvmOptions of each start
 * @param configuration its fleet.conf; the log lies beside it
 */
record FleetJar(String module, List<String> jvmOptions, Path configuration) {

  FleetJar {
    jvmOptions = List.copyOf(jvmOptions);
  }

  /**
   * Starts a command, such as {@code run}; returns at once.
   *
   * @param moreOptions of the JVM
   */
  Child start(String command, String... moreOptions) {
    Path jar =
        FleetProcess.projectRoot().resolve(module).resolve("target").resolve(module + ".jar");
    if (!Files.isRegularFile(jar)) {
      throw new BenchFailure(jar + " is missing; deploy/bench builds it");
    }
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(jvmOptions);
    line.addAll(List.of(moreOptions));
    line.addAll(List.of("-jar", jar.toString(), command, "--config", configuration.toString()));
    return Child.start(module + " " + command, line, configuration.resolveSibling(module + ".log"));
  }
}
