package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** What the page asks a database on demand. Each answer is JSON that the server writes. */
enum Question {
  /** Its queues, consumers, open batches and transactions. */
  DATABASE("pgq.queue"),

  /** Of the destination: the movers that forward into it. */
  MOVERS("pgq_fleet.mover"),

  /** Of the destination: the workers that share its queues. */
  WORKERS("pgq.queue"),

  /** Of the destination: the dead letters in it. */
  DEAD_LETTERS("pgq_fleet.dead_letter");

  private static final String IS_THERE = "select to_regclass(?) is not null";

  private final String table;
  private final String sql;

  /**
   * @param table without which there is nothing to ask
   */
  Question(String table) {
    this.table = table;
    this.sql = SqlScript.load(Question.class, key() + ".sql");
  }

  /** The name in JSON, and of the script. */
  final String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The answer; {@code null}, in JSON, where there is nothing to ask. */
  String ask(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement(IS_THERE)) {
      statement.setString(1, table);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1) ? answer(connection) : "null";
      }
    }
  }

  private String answer(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement(sql);
        var row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}
