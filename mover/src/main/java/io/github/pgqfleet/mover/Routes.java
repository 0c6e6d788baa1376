package io.github.pgqfleet.mover;

import io.github.pgqfleet.config.Section;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads {@code mover.routes}. Stateless. */
final class Routes {

  private enum By {
    TYPE,
    HASH
  }

  private Routes() {}

  /**
   * The routes by source queue.
   *
   * @param queues the source queues that there are
   */
  static Map<String, Route> read(Section mover, Set<String> queues) {
    var routes = new LinkedHashMap<String, Route>();
    if (!mover.has("routes")) {
      return routes;
    }
    var section = mover.section("routes");
    for (var queue : section.keys()) {
      if (!queues.contains(queue)) {
        mover.problem(
            "routes",
            "names the source queue \"%s\", which fleet.queues lacks; it has %s"
                .formatted(queue, queues));
      }
      routes.put(
          queue,
          section.isObject(queue)
              ? split(section.section(queue))
              : whole(section, queue, section.string(queue)));
    }
    return Map.copyOf(routes);
  }

  private static Route whole(Section section, String key, String queue) {
    named(section, key, queue);
    return new Route.Whole(queue);
  }

  private static Route split(Section section) {
    return switch (section.oneOf("by", By.class)) {
      case TYPE -> byType(section);
      case HASH -> byHash(section);
    };
  }

  private static Route byType(Section section) {
    var types = section.texts("types");
    if (types.isEmpty()) {
      section.problem("types", "names no event type; types { login = logins } sends one elsewhere");
    }
    types.forEach((type, queue) -> named(section.section("types"), type, queue));
    var otherwise = section.string("otherwise");
    named(section, "otherwise", otherwise);
    return new Route.ByType(types, otherwise);
  }

  private static Route byHash(Section section) {
    var column = section.oneOf("column", Route.HashColumn.class);
    var queues = section.strings("queues");
    if (queues.size() < 2 || new HashSet<>(queues).size() < queues.size()) {
      section.problem(
          "queues", "is %s; it must name two queues or more, each once".formatted(queues));
    }
    queues.forEach(queue -> named(section, "queues", queue));
    return new Route.ByHash(column, queues);
  }

  private static void named(Section section, String key, String queue) {
    if (queue.isBlank()) {
      section.problem(key, "names a destination queue without a name");
    }
  }
}
