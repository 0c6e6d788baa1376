package io.github.pgqfleet.sql;

import java.sql.SQLException;
import java.util.Set;

/** What an SQLSTATE means for the next attempt. Stateless. */
public final class SqlStates {

  /** {@code lock_not_available}: a lock_timeout ran out. */
  public static final String LOCK_NOT_AVAILABLE = "55P03";

  /** {@code query_canceled}: asked for, or a statement_timeout. */
  public static final String QUERY_CANCELED = "57014";

  /** {@code insufficient_privilege}. */
  public static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** {@code undefined_table}. */
  public static final String UNDEFINED_TABLE = "42P01";

  /** {@code undefined_function}. */
  public static final String UNDEFINED_FUNCTION = "42883";

  /** {@code invalid_schema_name}: there is no such schema. */
  public static final String UNDEFINED_SCHEMA = "3F000";

  /** {@code raise_exception}: how PgQ's own functions complain. */
  public static final String RAISED = "P0001";

  private static final Set<String> CONNECTION_LOST =
      Set.of("57P01", "57P02", "57P03", "57P05", "25P03");
  private static final Set<String> TRANSIENT =
      Set.of("40001", "40P01", LOCK_NOT_AVAILABLE, QUERY_CANCELED);

  private static final Set<String> MADE_MEANWHILE = Set.of("23505", "42710", "42P06", "XX000");

  private SqlStates() {}

  /**
   * Whether the same work may well succeed when it is tried again: lost connections, serialization
   * failures and deadlocks, resources that ran out, time-outs, a server that starts or stops.
   */
  public static boolean isTransient(SQLException e) {
    var state = state(e);
    return isConnectionLost(e)
        || TRANSIENT.contains(state)
        || state.startsWith("53")
        || state.startsWith("58");
  }

  /**
   * Whether a failure says nothing about the work, since it comes from what else goes on: as {@link
   * #isTransient}, but not a canceled statement, which may well be the work's own slowness.
   */
  public static boolean isOfCircumstances(SQLException e) {
    return isTransient(e) && !QUERY_CANCELED.equals(e.getSQLState());
  }

  /** Whether the connection is gone, and with it the certainty of a commit under way. */
  public static boolean isConnectionLost(SQLException e) {
    var state = state(e);
    return state.startsWith("08") || CONNECTION_LOST.contains(state);
  }

  /**
   * Whether something was to be created, or granted, that another session has just created or
   * changed: a unique key of a catalog, a duplicate object, a tuple concurrently updated.
   */
  public static boolean isMadeByAnotherMeanwhile(SQLException e) {
    return MADE_MEANWHILE.contains(state(e));
  }

  private static String state(SQLException e) {
    var state = e.getSQLState();
    return state == null ? "" : state;
  }
}
