package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteFiguresTest {

  @Test
  void tellsHowLongABacklogTakes() {
    assertThat(figures(50, 1000).getEtaSeconds()).isEqualTo(20);
    assertThat(figures(50, 1000).eta()).isEqualTo("20.0");
    assertThat(figures(50, 0).eta()).isEqualTo("0.0");
    assertThat(figures(0, 0).eta()).isEqualTo("0.0");
    assertThat(figures(0, 3).eta()).isEqualTo("-");
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    var figures = List.of(figures(50, 1000), figures(0, 3));
    var json = new ObjectMapper().writeValueAsString(figures);
    assertThat(json)
        .contains("{\"queue\":\"orders\",\"destinations\":[\"all\"],\"eventsPerSecond\":50.0")
        .contains("\"etaSeconds\":20.0")
        .contains("\"etaSeconds\":null");
    assertThat(Figures.parse(json)).isEqualTo(figures);
    assertThat(Figures.parse("{\"of\": \"another version\"}")).isEmpty();
  }

  private static RouteFigures figures(double eventsPerSecond, long pending) {
    return new RouteFigures("orders", List.of("all"), eventsPerSecond, 1.5, pending, 2.25);
  }
}
