package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {
  private final Figures figures = new Figures();

  @Test
  void comparesTheMedians() {
    add("ours", 3, 1, 2);
    add("pgqd", 8, 4, 30);
    assertThat(figures.lines("bench=x", "load=idle"))
        .containsExactly(
            "bench=x figure=cpu load=idle runs=3 ours=2.00 ours_min=1.00 ours_max=3.00"
                + " peer=pgqd peer_figure=8.00 peer_min=4.00 peer_max=30.00 ratio=0.250");
  }

  @Test
  void hasALineForEachPeer() {
    add("ours", 2);
    add("pipe", 1);
    add("skytools", 4);
    assertThat(figures.lines("bench=x", "load=idle"))
        .containsExactly(
            "bench=x figure=cpu load=idle runs=1 ours=2.00 ours_min=2.00 ours_max=2.00"
                + " peer=pipe peer_figure=1.00 peer_min=1.00 peer_max=1.00 ratio=2.000",
            "bench=x figure=cpu load=idle runs=1 ours=2.00 ours_min=2.00 ours_max=2.00"
                + " peer=skytools peer_figure=4.00 peer_min=4.00 peer_max=4.00 ratio=0.500");
  }

  @Test
  void saysWhereThereIsNoPeer() {
    add("ours", 1, 2);
    assertThat(figures.lines("bench=x", "load=idle"))
        .containsExactly(
            "bench=x figure=cpu load=idle runs=2 ours=1.50 ours_min=1.00 ours_max=2.00 peer=none");
  }

  @Test
  void addsTheFiguresWithoutACandidate() {
    add(Figures.NOBODY, 5);
    add("ours", 6);
    add("pgqd", 0);
    assertThat(figures.lines("bench=x", "load=all"))
        .containsExactly(
            "bench=x figure=cpu load=all runs=1 ours=6.00 ours_min=6.00 ours_max=6.00"
                + " peer=pgqd peer_figure=0.00 peer_min=0.00 peer_max=0.00 ratio=-"
                + " alone=5.00 alone_min=5.00 alone_max=5.00");
  }

  @Test
  void findsPercentilesAmongTheValues() {
    List<Double> values = List.of(4.0, 1.0, 3.0, 2.0);
    assertThat(Statistics.percentile(values, 0.5)).isEqualTo(2.0);
    assertThat(Statistics.percentile(values, 0.99)).isEqualTo(4.0);
    assertThat(Statistics.median(values)).isEqualTo(2.5);
  }

  private void add(String candidate, double... values) {
    for (double value : values) {
      figures.add(candidate, "cpu", value);
    }
  }
}
