package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.DurationConverter;
import io.github.pgqfleet.worker.failed.DeadLetterFilter;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which dead letters a command is about. */
final class DeadOptions {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--queue", paramLabel = "QUEUE", description = "Of this queue; may be repeated.")
  private final List<String> queues = new ArrayList<>();

  @Option(
      names = "--event",
      paramLabel = "ID",
      description = "With this event id (ev_id); may be repeated.")
  private final List<Long> events = new ArrayList<>();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "With this event type; may be repeated.")
  private final List<String> types = new ArrayList<>();

  @Option(
      names = "--error",
      paramLabel = "TEXT",
      description = "Whose error contains this, in any case of letters.")
  private @Nullable String error;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = Time.class,
      description =
          "That failed then or later: such as 2h for two hours ago, or 2031-05-20T14:30Z.")
  private @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = Time.class,
      description = "That failed before.")
  private @Nullable Instant until;

  @Option(names = "--limit", paramLabel = "N", description = "The oldest N of them at most.")
  private @Nullable Integer limit;

  /** A point in time: absolute, or so long ago. */
  static final class Time implements ITypeConverter<Instant> {

    @Override
    public Instant convert(String value) {
      try {
        return OffsetDateTime.parse(value).toInstant();
      } catch (DateTimeParseException e) {
        try {
          return Instant.now().minus(new DurationConverter().convert(value));
        } catch (TypeConversionException notADuration) {
          throw new TypeConversionException(
              "\"" + value + "\" is no time such as 2031-05-20T14:30Z, and no duration such as 2h");
        }
      }
    }
  }

  WorkerConfig config() {
    return config.load(WorkerConfig::read);
  }

  DeadLetterFilter filter(WorkerConfig worker) {
    return new DeadLetterFilter(worker.consumer(), queues, events, types, error, since, until);
  }

  OptionalInt limit() {
    return limit == null ? OptionalInt.empty() : OptionalInt.of(limit);
  }
}
