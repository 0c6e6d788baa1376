package io.github.pgqfleet.ticker.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RatesTest {

  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final Offset<Double> EXACTLY = Offset.offset(1e-9);

  private final Rates rates = new Rates();

  @Test
  void spreadsEventsOverTheTimeInWhichTheyCame() {
    rates.add(300, BEGIN.plusSeconds(5), BEGIN.plusSeconds(35));

    var sums = sums(BEGIN.plusSeconds(30));
    assertThat(sums[26]).isEqualTo(5, EXACTLY);
    assertThat(sums[27]).isEqualTo(10, EXACTLY);
    assertThat(sums[28]).isEqualTo(10, EXACTLY);
    assertThat(sums[29]).isEqualTo(5, EXACTLY);
  }

  @Test
  void addsWhatComesTogether() {
    rates.add(10, BEGIN, BEGIN.plusSeconds(2));
    rates.add(20, BEGIN.plusSeconds(2), BEGIN.plusSeconds(4));

    assertThat(sums(BEGIN)[29]).isEqualTo(3, EXACTLY);
  }

  @Test
  void forgetsWhatIsOlderThanFiveMinutes() {
    rates.add(10, BEGIN, BEGIN.plusSeconds(1));

    assertThat(sums(BEGIN.plusSeconds(290))[0]).isEqualTo(1, EXACTLY);
    assertThat(sums(BEGIN.plusSeconds(300))).containsOnly(0);
    rates.add(70, BEGIN.plusSeconds(300), BEGIN.plusSeconds(301));
    assertThat(sums(BEGIN.plusSeconds(300))[29]).isEqualTo(7, EXACTLY);
  }

  private double[] sums(Instant last) {
    var sums = new double[Rates.STEPS];
    rates.addTo(sums, Rates.step(last));
    return sums;
  }
}
