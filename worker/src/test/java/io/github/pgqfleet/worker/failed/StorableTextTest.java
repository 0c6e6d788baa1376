package io.github.pgqfleet.worker.failed;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StorableTextTest {

  @Test
  void replacesWhatNoDatabaseStores() {
    assertThat(new StorableText(false).of("a\u0000b\uD800c\uDFFF \uD83D\uDE00 ü", 100))
        .isEqualTo("a?b?c? \uD83D\uDE00 ü");
  }

  @Test
  void keepsToAsciiWhereTheEncodingIsNotUtf8() {
    assertThat(new StorableText(true).of("Größe \uD83D\uDE00", 100)).isEqualTo("Gr??e ?");
  }

  @Test
  void cutsWhatIsTooLong() {
    assertThat(new StorableText(false).of("abcdef", 3)).isEqualTo("abc ...");
    // In the middle of a pair.
    assertThat(new StorableText(false).of("ab\uD83D\uDE00", 3)).isEqualTo("ab? ...");
  }
}
