package io.github.pgqfleet.worker.batch;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which a handler cannot end the worker's transaction by mistake: what would do
 * that throws {@link IllegalStateException}. Savepoints stay possible. Statements that wait are
 * sent before one is made from it, or a savepoint is touched. As thread-safe as the connection
 * behind it.
 */
final class GuardedConnection implements InvocationHandler {

  private static final Set<String> REFUSED =
      Set.of(
          "abort",
          "beginRequest",
          "close",
          "commit",
          "endRequest",
          "setAutoCommit",
          "setReadOnly",
          "setTransactionIsolation");

  /** What may make the database see what was sent, or undo it. */
  private static final Set<String> AFTER_WHAT_WAITS =
      Set.of(
          "createStatement",
          "getMetaData",
          "prepareCall",
          "prepareStatement",
          "releaseSavepoint",
          "rollback",
          "setSavepoint",
          "unwrap");

  private final Connection connection;
  private final Flush flush;

  /** Sends the statements that still wait. */
  @FunctionalInterface
  interface Flush {
    void run() throws SQLException;
  }

  private GuardedConnection(Connection connection, Flush flush) {
    this.connection = connection;
    this.flush = flush;
  }

  static Connection around(Connection connection, Flush flush) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new GuardedConnection(connection, flush));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    var name = method.getName();
    // A roll-back to a savepoint has a parameter; one of the transaction has none.
    if (REFUSED.contains(name) || (name.equals("rollback") && arguments == null)) {
      throw new IllegalStateException(
          "a handler must not call Connection."
              + name
              + ": the worker commits when the handler returns, and rolls back when it throws");
    }
    if (AFTER_WHAT_WAITS.contains(name)) {
      flush.run();
    }
    try {
      return method.invoke(connection, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
