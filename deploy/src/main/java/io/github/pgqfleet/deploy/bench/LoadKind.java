package io.github.pgqfleet.deploy.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which databases the application writes into. */
enum LoadKind {
  /** None. */
  IDLE,
  /** One in sixteen, the first of them included. */
  BUSY16,
  /** All. */
  ALL;

  private static final int SIXTEEN = 16;

  List<Source> busy(List<Source> sources) {
    return switch (this) {
      case IDLE -> List.of();
      case BUSY16 ->
          IntStream.range(0, sources.size())
              .filter(number -> number % SIXTEEN == 0)
              .mapToObj(sources::get)
              .toList();
      case ALL -> sources;
    };
  }

  /** As it is called in options and figures. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
