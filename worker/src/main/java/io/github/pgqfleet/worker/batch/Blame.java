package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.worker.api.DeadEventException;
import java.nio.channels.ClosedByInterruptException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** Whom a failure is to be laid to: the event that was handled, or what else goes on. Stateless. */
final class Blame {

  /** With which a function in the database says that its event is dead at once. */
  static final String DEAD_EVENT = "PQ001";

  private Blame() {}

  /**
   * Whether the failure may be that of an event: not a serialization failure, a deadlock, a lost
   * connection and the like, an interruption, or a program that is broken as a whole. What a
   * handler has wrapped is looked for too.
   */
  static boolean mayLieWithAnEvent(Throwable failure) {
    Set<Throwable> seen = new HashSet<>();
    for (Throwable e = failure; e != null && seen.add(e); e = e.getCause()) {
      boolean other =
          switch (e) {
            case BrokenHandlerException _ -> true;
            case SQLException sql -> SqlStates.isOfCircumstances(sql);
            case StackOverflowError _ -> false;
            case VirtualMachineError _ -> true;
            case LinkageError _ -> true;
            default -> isInterruption(e);
          };
      if (other) {
        return false;
      }
    }
    return true;
  }

  /** Whether the thread was interrupted, also where the handler has wrapped that. */
  static boolean isInterrupted(Throwable failure) {
    Set<Throwable> seen = new HashSet<>();
    for (Throwable e = failure; e != null && seen.add(e); e = e.getCause()) {
      if (isInterruption(e)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInterruption(Throwable e) {
    return e instanceof InterruptedException || e instanceof ClosedByInterruptException;
  }

  /** Whether the handler has said that its event is dead. */
  static boolean isDead(Throwable failure) {
    return failure instanceof DeadEventException
        || (failure instanceof SQLException sql && DEAD_EVENT.equals(sql.getSQLState()));
  }

  /** The message without what the server adds of rows' values. */
  static String message(Throwable failure) {
    if (failure instanceof PSQLException sql && sql.getServerErrorMessage() != null) {
      var error = sql.getServerErrorMessage();
      return error.getMessage() + " (SQLSTATE " + error.getSQLState() + ")";
    }
    var message = failure.getMessage();
    return message == null ? failure.getClass().getName() : message;
  }

  /**
   * The kind and the place of a failure, without its message: what a log may say, since messages
   * quote payloads.
   */
  static String kind(Throwable failure) {
    var kind = failure.getClass().getName();
    if (failure instanceof SQLException sql) {
      return kind + " SQLSTATE " + sql.getSQLState();
    }
    var place = firstFrame(failure);
    return place == null ? kind : kind + " at " + place;
  }

  private static @Nullable StackTraceElement firstFrame(Throwable failure) {
    var frames = failure.getStackTrace();
    return frames.length == 0 ? null : frames[0];
  }
}
