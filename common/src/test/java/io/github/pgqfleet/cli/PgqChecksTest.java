package io.github.pgqfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgqChecksTest {

  @ParameterizedTest
  @CsvSource({
    "3.5, true",
    "3.2, true",
    "3.2.3, true",
    "4.0, true",
    "3.1.6, false",
    "2.1.8, false",
    "x, false"
  })
  void knowsWhichVersionsOfPgqWillDo(String version, boolean enough) {
    assertThat(PgqChecks.isNewEnough(version)).isEqualTo(enough);
  }
}
