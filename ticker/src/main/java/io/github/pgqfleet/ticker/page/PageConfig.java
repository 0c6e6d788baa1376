package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.config.Section;
import java.time.Duration;
import java.util.Optional;

/**
 * What is configured of the fleet page. Immutable; holds where the token is kept, never the token.
 *
 * @param late from this lag on a queue is shown as late
 * @param replayTokenEnv name of the environment variable with the token that allows to replay dead
 *     letters; without it nobody may
 */
public record PageConfig(Duration late, Optional<String> replayTokenEnv) {

  /** Reads the part {@code page} of the ticker's section. */
  public static PageConfig read(Section ticker) {
    var page = ticker.section("page");
    return new PageConfig(
        page.duration("late", Duration.ofSeconds(1), Duration.ofDays(1)),
        page.optionalString("replay-token-env"));
  }

  /** Notes a problem when a token is configured that is not there. */
  public void requireToken(Section ticker) {
    replayTokenEnv
        .filter(variable -> replayToken().isEmpty())
        .ifPresent(
            v ->
                ticker
                    .section("page")
                    .problem("replay-token-env", "names " + v + ", which is not set or empty"));
  }

  /** The token itself. */
  Optional<String> replayToken() {
    return replayTokenEnv.map(System::getenv).filter(token -> !token.isEmpty());
  }
}
