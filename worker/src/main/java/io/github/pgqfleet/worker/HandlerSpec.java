package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.Section;
import java.util.Map;

/** What handles a queue's events, as configured. Immutable. */
sealed interface HandlerSpec {

  /**
   * A handler of a {@link io.github.pgqfleet.worker.api.HandlerProvider}.
   *
   * @param name the provider's name
   * @param settings the handler's own settings
   */
  record Java(String name, Map<String, String> settings) implements HandlerSpec {
    public Java {
      settings = Map.copyOf(settings);
    }
  }

  /**
   * A function in the destination database.
   *
   * @param function its name, with its schema
   */
  record SqlFunction(String function) implements HandlerSpec {}

  /** The values of the key {@code type}. */
  enum Type {
    JAVA,
    SQL
  }

  /** Reads {@code worker.queues.<queue>.handler}. */
  static HandlerSpec read(Section handler) {
    return switch (handler.oneOf("type", Type.class)) {
      case JAVA -> new Java(handler.string("name"), handler.texts("settings"));
      case SQL -> new SqlFunction(handler.string("function"));
    };
  }
}
