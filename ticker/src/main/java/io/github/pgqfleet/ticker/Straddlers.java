package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Transactions that took a number from a queue's event sequence and were still open when its tick
 * was made. The tick counts their events and does not contain them, so that after their commit PgQ
 * sees nothing new, and leaves them to an idle tick. Whoever has used a sequence holds a lock on it
 * until its end; once such a transaction has ended, the sequence is moved by one, and the next tick
 * is due as for any new event.
 *
 * <p>As thread-safe as its connection: not.
 */
final class Straddlers {

  /** Who else holds the event sequences of these queues: the name, and the transaction. */
  static final String HOLDERS =
      """
      select queue_name, virtualtransaction
        from pgq.queue
        join pg_locks on relation = to_regclass(pgq.quote_fqname(queue_event_seq))
       where queue_name = any (?::text[])
         and locktype = 'relation'
         and database = (select oid from pg_database where datname = current_database())
         and pid is distinct from pg_backend_pid()\
      """;

  private static final String MOVE =
      "select nextval(to_regclass(pgq.quote_fqname(queue_event_seq))) from pgq.queue"
          + " where queue_name = any (?::text[])";

  private final Connection connection;
  private final PreparedStatement holders;
  private final Map<String, Set<String>> open = new HashMap<>();
  private final Set<String> suspect = new HashSet<>();

  Straddlers(Connection connection) throws SQLException {
    this.connection = connection;
    this.holders = connection.prepareStatement(HOLDERS);
  }

  /** Begins with all that is open now: an earlier leader's ticks may have been straddled by it. */
  void begin(Collection<String> queues) throws SQLException {
    open.putAll(holders(queues));
  }

  /**
   * A tick was made.
   *
   * @param transactions those that held the sequence just before the tick
   * @param moved whether the sequence moved between an earlier look and now: a transaction may have
   *     taken its number after {@code transactions} was read, and before the tick
   */
  void ticked(String queue, Set<String> transactions, boolean moved) {
    if (transactions.isEmpty()) {
      open.remove(queue);
    } else {
      open.put(queue, transactions);
    }
    if (moved) {
      suspect.add(queue);
    } else {
      suspect.remove(queue);
    }
  }

  /**
   * Moves the sequences of the queues where such a transaction has ended. To be called before each
   * look; costs nothing as long as no tick was straddled.
   *
   * @return how many were moved
   */
  int followUp() throws SQLException {
    if (open.isEmpty() && suspect.isEmpty()) {
      return 0;
    }
    var now = open.isEmpty() ? Map.<String, Set<String>>of() : holders(open.keySet());
    var due = new HashSet<>(suspect);
    suspect.clear();
    for (var queue : Set.copyOf(open.keySet())) {
      var left = new HashSet<>(open.getOrDefault(queue, Set.of()));
      if (left.retainAll(now.getOrDefault(queue, Set.of()))) {
        due.add(queue);
        open.put(queue, left);
      }
      if (left.isEmpty()) {
        open.remove(queue);
      }
    }
    if (!due.isEmpty()) {
      move(due);
    }
    return due.size();
  }

  private Map<String, Set<String>> holders(Collection<String> queues) throws SQLException {
    holders.setArray(1, connection.createArrayOf("text", queues.toArray()));
    try (var rows = holders.executeQuery()) {
      return read(rows);
    }
  }

  /** Reads the result of {@link #HOLDERS}. */
  static Map<String, Set<String>> read(ResultSet rows) throws SQLException {
    var holders = new HashMap<String, Set<String>>();
    while (rows.next()) {
      holders.computeIfAbsent(rows.getString(1), q -> new HashSet<>()).add(rows.getString(2));
    }
    return holders;
  }

  private void move(Collection<String> queues) throws SQLException {
    try (var statement = connection.prepareStatement(MOVE)) {
      statement.setArray(1, connection.createArrayOf("text", queues.toArray()));
      statement.execute();
    }
  }
}
