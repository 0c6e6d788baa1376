package io.github.pgqfleet.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.worker.api.DeadEventException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "40001", "40P01", "08006", "08003", "53300", "57P01", "57P03", "55P03", "58030", "25P03"
      })
  void laysNoFailureOfCircumstancesToAnEvent(String state) {
    var failure = new SQLException("secret", state);

    assertThat(Blame.mayLieWithAnEvent(failure)).isFalse();
    assertThat(Blame.mayLieWithAnEvent(new IllegalStateException("wrapped", failure))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"23505", "22P02", "P0001", "25P02", "57014", "42883"})
  void laysOtherErrorsOfTheDatabaseToAnEvent(String state) {
    assertThat(Blame.mayLieWithAnEvent(new SQLException("secret", state))).isTrue();
  }

  @Test
  void laysErrorsOfAHandlerToAnEventUnlessTheProgramIsBroken() {
    assertThat(Blame.mayLieWithAnEvent(new IllegalStateException())).isTrue();
    assertThat(Blame.mayLieWithAnEvent(new StackOverflowError())).isTrue();
    assertThat(Blame.mayLieWithAnEvent(new OutOfMemoryError())).isFalse();
    assertThat(Blame.mayLieWithAnEvent(new NoClassDefFoundError())).isFalse();
    assertThat(Blame.mayLieWithAnEvent(new BrokenHandlerException("f"))).isFalse();
  }

  @Test
  void seesAnInterruptionThatAHandlerHasWrapped() {
    var failure = new IllegalStateException(new InterruptedException());

    assertThat(Blame.isInterrupted(failure)).isTrue();
    assertThat(Blame.mayLieWithAnEvent(failure)).isFalse();
  }

  @Test
  void knowsWhatAHandlerCallsDead() {
    assertThat(Blame.isDead(new DeadEventException("no JSON"))).isTrue();
    assertThat(Blame.isDead(new SQLException("no JSON", "PQ001"))).isTrue();
    assertThat(Blame.isDead(new SQLException("no JSON", "P0001"))).isFalse();
  }

  @Test
  void tellsTheLogNoMessages() {
    assertThat(Blame.kind(new SQLException("secret", "22P02")))
        .isEqualTo("java.sql.SQLException SQLSTATE 22P02");
    assertThat(Blame.kind(new IllegalStateException("secret")))
        .startsWith("java.lang.IllegalStateException at " + BlameTest.class.getName())
        .doesNotContain("secret");
  }
}
