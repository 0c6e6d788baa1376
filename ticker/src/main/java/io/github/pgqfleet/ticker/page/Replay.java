package io.github.pgqfleet.ticker.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Hands dead letters back to their consumer, for whoever knows the token; not offered where none is
 * configured. Thread-safe.
 */
final class Replay {

  private final Optional<byte[]> token;
  private final Answers answers;

  Replay(PageConfig config, Answers answers) {
    this.token = config.replayToken().map(Replay::bytes);
    this.answers = answers;
  }

  boolean isOffered() {
    return token.isPresent();
  }

  /** Whether this is the token; takes the same time for all that are not. */
  boolean isAllowedTo(String given) {
    return token.isPresent() && MessageDigest.isEqual(token.get(), bytes(given));
  }

  /**
   * Replays.
   *
   * @return how many; the others are left as they are
   */
  long replay(List<Long> ids) throws SQLException {
    return answers.inDestination(
        connection -> {
          try (var statement =
              connection.prepareStatement("select pgq_fleet.replay_dead_letters(?)")) {
            statement.setArray(1, connection.createArrayOf("int8", ids.toArray()));
            try (var row = statement.executeQuery()) {
              row.next();
              return row.getLong(1);
            }
          }
        });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
