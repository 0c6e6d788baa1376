package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.pgq.Ticks;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where an operator wants a queue to go. Immutable. */
sealed interface Goal {

  /** A tick's id, which means something in one queue only. */
  record TickId(long id) implements Goal {
    @Override
    public String toString() {
      return "tick " + id;
    }
  }

  /** A time by the source's clock. */
  record Time(Instant time) implements Goal {
    @Override
    public String toString() {
      return time.toString();
    }
  }

  /**
   * The tick that is meant. Of a time, so that the way keeps its promise: rewind begins at or
   * before it, skip ends at or after it.
   */
  default Optional<Tick> resolve(Ticks ticks, WayOut way) throws SQLException {
    return switch (this) {
      case TickId(var id) -> ticks.withId(id);
      case Time(var time) ->
          switch (way) {
            case REWIND -> ticks.atOrBefore(time);
            case SKIP -> ticks.atOrAfter(time);
          };
    };
  }

  /** Reads what the command line says. */
  final class Converter implements ITypeConverter<Goal> {
    @Override
    public Goal convert(String text) {
      if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return new TickId(Long.parseLong(text));
      }
      try {
        return new Time(OffsetDateTime.parse(text).toInstant());
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "\"%s\" is neither a tick's id nor a time with its offset such as 2031-05-20T14:30:00Z"
                .formatted(text));
      }
    }
  }
}
