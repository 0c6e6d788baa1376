package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DatabaseStatusTest {

  private static final DatabaseStatus.Leader LEADER =
      new DatabaseStatus.Leader(1, "pgq-fleet ticker@host", "127.0.0.1");

  @Test
  void putsTheWorstFirst() {
    var down = DatabaseStatus.unknown("down", "connection refused");
    var unticked = new DatabaseStatus("unticked", null, 5, 0, 1.0, 0, 0, List.of(), null);
    var alarm = new DatabaseStatus("alarm", LEADER, 5, 0, 0.5, 0, 0, List.of("lag of 2h"), null);
    var old = new DatabaseStatus("old", LEADER, 5, 0, 9.0, 0, 0, List.of(), null);
    var a = new DatabaseStatus("a", LEADER, 5, 0, 1.0, 0, 0, List.of(), null);
    var b = new DatabaseStatus("b", LEADER, 5, 0, 1.0, 0, 0, List.of(), null);

    assertThat(Stream.of(b, old, a, alarm, unticked, down).sorted(DatabaseStatus.WORST_FIRST))
        .containsExactly(down, unticked, alarm, old, a, b);
  }
}
