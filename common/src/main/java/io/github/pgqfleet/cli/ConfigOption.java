package io.github.pgqfleet.cli;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.config.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --config}, and where the file is looked for without it. */
public final class ConfigOption {

  private static final String VARIABLE = "PGQ_FLEET_CONF";

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "The fleet's configuration. Without it: the file that $PGQ_FLEET_CONF names, ./fleet.conf,"
              + " or /etc/pgq-fleet/fleet.conf, whichever is there first.")
  private @Nullable Path file;

  /**
   * Reads the configuration.
   *
   * @throws ConfigurationException when there is none, or with everything that is wrong with it
   */
  public <T> T load(Function<Section, T> parse) {
    return ConfigFile.load(path(), parse);
  }

  private Path path() {
    if (file != null) {
      return file;
    }
    var named = Optional.ofNullable(System.getenv(VARIABLE));
    if (named.isPresent()) {
      return Path.of(named.get());
    }
    return Stream.of("fleet.conf", "/etc/pgq-fleet/fleet.conf")
        .map(Path::of)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    List.of(
                        "no configuration: neither --config nor $"
                            + VARIABLE
                            + " is given, and there is no ./fleet.conf and no"
                            + " /etc/pgq-fleet/fleet.conf; README.md shows a complete one")));
  }
}
