package io.github.pgqfleet.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Reads a configuration file over the defaults of {@code reference.conf}. Stateless. */
public final class ConfigFile {

  /** The file's top-level parts; each executable reads {@code fleet} and its own. */
  private static final Set<String> PARTS = Set.of("fleet", "ticker", "mover", "worker");

  private ConfigFile() {}

  /**
   * Reads {@code file} through {@code parse}.
   *
   * @throws ConfigurationException with every problem of the file at once: syntax, unknown keys,
   *     wrong types, values out of bounds, and what {@code parse} found
   */
  public static <T> T load(Path file, Function<Section, T> parse) {
    var defaults = ConfigFactory.parseResources("reference.conf");
    var problems = new ArrayList<String>();
    var root = Section.root(parsed(file), defaults, problems);
    root.ignore(PARTS);
    var value = parsed(root, parse, problems);
    root.reportUnknownKeys();
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems.stream().distinct().toList());
    }
    return value;
  }

  private static <T> T parsed(Section root, Function<Section, T> parse, List<String> problems) {
    try {
      return parse.apply(root);
    } catch (RuntimeException e) {
      // Values that stand in for bad ones may not fit together; what they hid has been noted.
      if (problems.isEmpty()) {
        throw e;
      }
      root.reportUnknownKeys();
      throw new ConfigurationException(problems.stream().distinct().toList());
    }
  }

  private static Config parsed(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new ConfigurationException(
          List.of(file + ": no such file; name the configuration with --config FILE"));
    }
    if (!Files.isReadable(file)) {
      throw new ConfigurationException(
          List.of(file + ": not readable by this user; check its owner and mode"));
    }
    try {
      return ConfigFactory.parseFile(
              file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
          .resolve();
    } catch (ConfigException e) {
      throw new ConfigurationException(List.of(String.valueOf(e.getMessage())));
    }
  }
}
