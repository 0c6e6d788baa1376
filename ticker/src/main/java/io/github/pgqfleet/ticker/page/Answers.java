package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What databases answer on demand, on sessions that do nothing else. However many ask, one such
 * session asks a database at a time, and for a moment its answer is good for all. Thread-safe.
 *
 * <p>The destination, which every open page asks all the time, keeps its sessions for a while: a
 * new one takes longer to begin than the questions do.
 */
final class Answers implements AutoCloseable {

  /** Bound on connecting, and on each statement. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Bound on the whole, in case that all of it takes long. */
  private static final Duration DEADLINE = PATIENCE.multipliedBy(3);

  /** So long an answer is good. */
  private static final Duration FRESH = Duration.ofMillis(1500);

  /** So many databases' answers are kept at most. */
  private static final int MOST = 300;

  /** The destination's sessions at most: one asks, another replays. */
  private static final int MOST_SESSIONS = 2;

  private final Database destination;
  private final Sessions sessions;
  private final Pools pools;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final AsyncCache<Database, String> answers =
      Caffeine.newBuilder()
          .executor(executor)
          .expireAfterWrite(FRESH)
          .maximumSize(MOST)
          .buildAsync();

  Answers(Database destination, Sessions sessions) {
    this.destination = destination;
    this.sessions = sessions;
    this.pools = new Pools(sessions);
  }

  /**
   * Asks a database all that is to be asked there.
   *
   * @return a JSON object with the answer to each {@link Question}, or with why there is none as
   *     {@code error}
   */
  String of(Database database) throws InterruptedException {
    try {
      return answers.get(database, this::ask).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      return error(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      return error("no answer within " + DEADLINE.toSeconds() + " s");
    }
  }

  /** Does something in the destination, on a session with the same bounds. */
  <T> T inDestination(Transactions.Work<T, SQLException> work) throws SQLException {
    return in(destination, work);
  }

  private String ask(Database database) {
    var questions =
        database.equals(destination) ? List.of(Question.values()) : List.of(Question.DATABASE);
    try {
      return in(
          database,
          connection -> {
            var json = new StringBuilder();
            for (var question : questions) {
              json.append(json.isEmpty() ? "{" : ",");
              json.append('"').append(question.key()).append("\":");
              json.append(question.ask(connection));
            }
            return json.append('}').toString();
          });
    } catch (SQLException | RuntimeException e) {
      return error(String.valueOf(Pools.reason(e).getMessage()));
    }
  }

  private <T> T in(Database database, Transactions.Work<T, SQLException> work) throws SQLException {
    try (var connection = open(database)) {
      return work.run(connection);
    }
  }

  private Connection open(Database database) throws SQLException {
    var patient = database.with(database.settings().withPatience(PATIENCE));
    return database.equals(destination)
        ? pools.pool(patient, MOST_SESSIONS).getConnection()
        : sessions.open(patient);
  }

  private static String error(String what) {
    var quoted = new StringBuilder("{\"error\":\"");
    JsonStringEncoder.getInstance().quoteAsString(what, quoted);
    return quoted.append("\"}").toString();
  }

  @Override
  public void close() {
    executor.shutdownNow();
    pools.close();
  }
}
