package io.github.pgqfleet.deploy.bench;

import java.util.List;

/**
 * What the user asked for about one of our processes.
 *
 * @param jvmOptions of its JVM
 * @param settings for its part of fleet.conf
 */
record JarOptions(List<String> jvmOptions, String settings) {
  JarOptions {
    jvmOptions = List.copyOf(jvmOptions);
  }
}
