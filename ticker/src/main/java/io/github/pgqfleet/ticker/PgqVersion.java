package io.github.pgqfleet.ticker;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which PgQ the ticker can work with. Stateless. */
final class PgqVersion {

  /** The oldest that has {@code pgq.maint_operations}. */
  static final String OLDEST = "3.2";

  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");

  private PgqVersion() {}

  /**
   * Asks for PgQ.
   *
   * @throws SQLException with the remedy, when it is not there or too old
   */
  static void require(Connection connection, Database database) throws SQLException {
    var version = new Pgq(connection).version();
    var problem = version.map(PgqVersion::problem).orElse(Optional.of(MISSING));
    if (problem.isPresent()) {
      throw new SQLException(database + ": " + problem.get());
    }
  }

  private static final String MISSING =
      "PgQ is not installed; run `ticker provision`, or as a superuser: create extension pgq";

  /** What is wrong with a version, if anything. */
  static Optional<String> problem(String version) {
    return isNewEnough(version)
        ? Optional.empty()
        : Optional.of(
            "PgQ is version %s, too old; upgrade its package to %s or later, then: alter extension pgq update"
                .formatted(version, OLDEST));
  }

  private static boolean isNewEnough(String version) {
    var numbers = NUMBERS.matcher(version);
    if (!numbers.matches()) {
      return false;
    }
    var major = Integer.parseInt(numbers.group(1));
    return major > 3 || major == 3 && Integer.parseInt(numbers.group(2)) >= 2;
  }
}
