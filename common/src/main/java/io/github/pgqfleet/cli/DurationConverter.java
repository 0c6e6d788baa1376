package io.github.pgqfleet.cli;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations on the command line, written as in the configuration. */
public final class DurationConverter implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String value) {
    try {
      return ConfigFactory.parseMap(Map.of("duration", value)).getDuration("duration");
    } catch (ConfigException e) {
      throw new TypeConversionException("\"" + value + "\" is no duration such as 60s or 5m");
    }
  }
}
