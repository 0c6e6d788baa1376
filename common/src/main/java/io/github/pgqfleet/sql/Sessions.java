package io.github.pgqfleet.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Opens PostgreSQL sessions with the settings on which the fleet's guarantees rest: READ COMMITTED,
 * {@code synchronous_commit = on} unless the caller can do without, and a bound on every wait.
 * Thread-safe.
 */
public final class Sessions {

  private final String applicationName;
  private final Map<String, String> parameters;

  /**
   * @param applicationName what {@code pg_stat_activity} shows of these sessions
   */
  public Sessions(String applicationName) {
    this(applicationName, Map.of());
  }

  /**
   * @param parameters PostgreSQL's run-time parameters that these sessions set beside the usual, or
   *     in their place
   */
  public Sessions(String applicationName, Map<String, String> parameters) {
    this.applicationName = applicationName;
    this.parameters = Map.copyOf(parameters);
  }

  /**
   * Opens a session of the caller's own, in autocommit mode: for advisory locks, LISTEN and work
   * that is done seldom. The caller closes it.
   *
   * @throws SQLException naming the server, when it cannot be reached in the configured time
   */
  public Connection open(Database database) throws SQLException {
    return dataSource(database).getConnection();
  }

  DataSource dataSource(Database database) {
    var settings = database.settings();
    var source =
        new PGSimpleDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            // Asked for at each connection: a password may change while the daemon runs.
            setPassword(password(settings).orElse(null));
            try {
              return super.getConnection();
            } catch (SQLException e) {
              throw ConnectFailures.named(database, e);
            }
          }
        };
    source.setServerNames(new String[] {settings.host()});
    source.setPortNumbers(new int[] {settings.port()});
    source.setDatabaseName(database.name());
    source.setUser(settings.user());
    source.setApplicationName(applicationName);
    // All parameters then go with the start-up packet, and none takes a round trip.
    source.setAssumeMinServerVersion("12");
    source.setSslMode(settings.sslMode());
    source.setConnectTimeout(seconds(settings.connectTimeout()));
    source.setLoginTimeout(seconds(settings.connectTimeout()));
    source.setSocketTimeout(seconds(settings.socketTimeout()));
    source.setTcpKeepAlive(true);
    // Sent with the start-up packet: no round trip, and in force from the first statement.
    source.setOptions(
        "-c default_transaction_isolation=read\\ committed"
            + " -c synchronous_commit=on"
            + " -c statement_timeout="
            + settings.statementTimeout().toMillis()
            + " -c lock_timeout="
            + settings.lockTimeout().toMillis()
            + " -c idle_in_transaction_session_timeout="
            + settings.socketTimeout().toMillis()
            // A host that vanishes must not leave its locks behind for hours.
            + " -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
            + " -c tcp_user_timeout=30000"
            + parameters.entrySet().stream()
                .map(p -> " -c " + p.getKey() + "=" + p.getValue())
                .collect(Collectors.joining()));
    return source;
  }

  private static Optional<String> password(ConnectionSettings settings) {
    if (settings.passwordEnv().isPresent()) {
      return settings.passwordEnv().map(System::getenv);
    }
    return settings.passwordFile().map(Sessions::firstLine);
  }

  private static String firstLine(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the password file " + file, e);
    }
  }

  /** The driver counts in whole seconds, and takes 0 for "for ever". */
  private static int seconds(Duration duration) {
    return Math.max(1, Math.toIntExact(duration.plusMillis(999).toSeconds()));
  }
}
