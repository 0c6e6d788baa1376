package io.github.pgqfleet.pgq;

import java.util.Optional;

/**
 * One row of {@code pgq.maint_operations()}.
 *
 * @param function a function's name, or {@code vacuum}
 * @param argument a queue's or table's name
 */
public record MaintOperation(String function, Optional<String> argument) {

  /** Whether this is the statement VACUUM rather than a function. */
  public boolean isVacuum() {
    return function.equals("vacuum");
  }

  @Override
  public String toString() {
    return function + argument.map(a -> "(" + a + ")").orElse("()");
  }
}
