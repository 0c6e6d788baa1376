package io.github.pgqfleet.config;

import java.io.Serial;
import java.util.List;

/** All that is wrong with a configuration, each problem naming file, line, key and remedy. */
public final class ConfigurationException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line a problem, in the order of the file's reading. */
  public List<String> problems() {
    return problems;
  }
}
