package io.github.pgqfleet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatesTest {

  @ParameterizedTest
  @ValueSource(strings = {"08006", "40001", "40P01", "53300", "55P03", "57014", "57P01", "57P03"})
  void triesAgainWhatMayPass(String state) {
    assertThat(SqlStates.isTransient(new SQLException("", state))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P0001", "42501", "42P01", "23505", "28P01", "3D000"})
  void takesTheRestForFinal(String state) {
    assertThat(SqlStates.isTransient(new SQLException("", state))).isFalse();
  }

  @Test
  void copesWithAMissingState() {
    assertThat(SqlStates.isTransient(new SQLException("no state"))).isFalse();
  }
}
