package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.worker.call.CommandOptions;
import io.github.pgqfleet.worker.call.HttpOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

  /**
   * An HTTP endpoint.
   *
   * @param url where events are posted to
   */
  record Http(URI url, HttpOptions options) implements HandlerSpec {}

  /**
   * A program that is run.
   *
   * @param command the program and its arguments
   * @param withheld environment variables that it does not inherit
   */
  record Command(List<String> command, CommandOptions options, Set<String> withheld)
      implements HandlerSpec {
    public Command {
      command = List.copyOf(command);
      withheld = Set.copyOf(withheld);
    }
  }

  /** The values of the key {@code type}. */
  enum Type {
    JAVA,
    SQL,
    HTTP,
    COMMAND
  }

  /**
   * Reads {@code worker.queues.<queue>.handler}.
   *
   * @param http what holds for handlers over HTTP that do not say otherwise
   * @param command the same for commands
   * @param withheld environment variables that commands do not inherit
   */
  static HandlerSpec read(Section handler, Section http, Section command, Set<String> withheld) {
    return switch (handler.oneOf("type", Type.class)) {
      case JAVA -> new Java(handler.string("name"), handler.texts("settings"));
      case SQL -> new SqlFunction(handler.string("function"));
      case HTTP -> {
        var all = over(http, handler);
        yield new Http(url(all), HttpOptions.read(all));
      }
      case COMMAND -> {
        var all = over(command, handler);
        yield new Command(command(all), CommandOptions.read(all), withheld);
      }
    };
  }

  private static Section over(Section defaults, Section handler) {
    var all = handler.withDefaults(defaults);
    // It stands in the merged section, too, where it is not to be reported as unknown.
    all.has("type");
    return all;
  }

  private static URI url(Section handler) {
    var text = handler.string("url");
    try {
      var url = new URI(text);
      var scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      if (url.getUserInfo() != null) {
        handler.problem("url", "has a user in it; give credentials in handler.headers");
      }
      if (url.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    if (handler.has("url")) {
      handler.problem("url", "is no address of HTTP; it looks like http://host:port/path");
    }
    return URI.create("http://localhost/");
  }

  private static List<String> command(Section handler) {
    var command = handler.strings("command");
    if (handler.has("command") && (command.isEmpty() || command.getFirst().isBlank())) {
      handler.problem("command", "is empty; it takes a program and its arguments, as a list");
    }
    return command;
  }
}
