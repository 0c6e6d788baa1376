package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.config.Section;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is configured of the fleet page. Immutable; holds where the token is kept, never the token.
 *
 * @param late from this lag on a queue is shown as late
 * @param hosts names, beside the loopback's, under which the page may be asked for
 * @param replayTokenEnv name of the environment variable with the token that allows to replay dead
 *     letters; without it nobody may
 */
public record PageConfig(Duration late, List<String> hosts, Optional<String> replayTokenEnv) {

  public PageConfig {
    hosts = List.copyOf(hosts);
  }

  /** Reads the part {@code page} of the ticker's section. */
  public static PageConfig read(Section ticker) {
    var page = ticker.section("page");
    var config =
        new PageConfig(
            page.duration("late", Duration.ofSeconds(1), Duration.ofDays(1)),
            page.strings("hosts"),
            page.optionalString("replay-token-env"));
    config
        .replayTokenEnv()
        .filter(variable -> config.replayToken().isEmpty())
        .ifPresent(
            v -> page.problem("replay-token-env", "names " + v + ", which is not set or empty"));
    return config;
  }

  /** The token itself. */
  Optional<String> replayToken() {
    return replayTokenEnv.map(System::getenv).filter(token -> !token.isEmpty());
  }
}
