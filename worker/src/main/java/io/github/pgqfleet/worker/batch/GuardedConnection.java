package io.github.pgqfleet.worker.batch;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which a handler cannot end the worker's transaction by mistake: what would do
 * that throws {@link IllegalStateException}. Savepoints stay possible. As thread-safe as the
 * connection behind it.
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

  private final Connection connection;

  private GuardedConnection(Connection connection) {
    this.connection = connection;
  }

  static Connection around(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new GuardedConnection(connection));
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
    try {
      return method.invoke(connection, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
