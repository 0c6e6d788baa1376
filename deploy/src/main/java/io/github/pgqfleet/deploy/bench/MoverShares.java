package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of our movers leads which sources, as they say it in the destination. For one thread. */
final class MoverShares implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A mover's id ends with its process number and something random. */
  private static final String LEADS =
      """
      select substring(mover_id from '-([0-9]+)[.][0-9a-z]+$')::bigint,
             array(select split_part(source, '/', 2) from unnest(leads) source)
        from pgq_fleet.mover where alive_until > now()
      """;

  private final Connection connection;
  private final List<Source> sources;

  /**
   * Begins to watch.
   *
   * @param sources those that are shared
   */
  MoverShares(Source destination, List<Source> sources) throws SQLException {
    this.connection = destination.connect();
    this.sources = List.copyOf(sources);
  }

  /**
   * Waits until each source is led by one of the movers, and nothing has changed hands for a while.
   *
   * @return what each process leads, by its id
   * @throws BenchFailure when they do not come to rest, or one ends
   */
  Map<Long, List<Source>> awaitRest(Duration rest, Running movers)
      throws SQLException, InterruptedException {
    long start = System.nanoTime();
    long since = start;
    Map<Long, Set<String>> seen = Map.of();
    while (true) {
      movers.requireRunning();
      Map<Long, Set<String>> now = leads();
      if (!now.equals(seen) || !isWhole(now, movers)) {
        seen = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since >= rest.toNanos()) {
        Map<Long, List<Source>> shares = new HashMap<>();
        now.forEach((pid, names) -> shares.put(pid, named(names)));
        return shares;
      }
      if (System.nanoTime() - start > TIMEOUT.plus(rest).toNanos()) {
        throw new BenchFailure(
            "the movers do not come to rest: %s; the log ends:\n%s"
                .formatted(now, movers.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }

  private boolean isWhole(Map<Long, Set<String>> leads, Running movers) {
    return movers.children().stream().allMatch(mover -> leads.containsKey(mover.pid()))
        && leads.values().stream().mapToInt(Set::size).sum() == sources.size();
  }

  private List<Source> named(Set<String> names) {
    return sources.stream().filter(source -> names.contains(source.name())).toList();
  }

  private Map<Long, Set<String>> leads() throws SQLException {
    Map<Long, Set<String>> leads = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LEADS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        var names = (String[]) row.getArray(2).getArray();
        leads.put(row.getLong(1), new HashSet<>(Arrays.asList(names)));
      }
    }
    return leads;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
