package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.mover.Roster.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RosterTest {

  private static final List<String> DATABASES =
      IntStream.range(0, 256).mapToObj(i -> "db%02d/app_%03d".formatted(i % 16, i)).toList();

  @Test
  void allMoversAgreeOnOneOrder() {
    var movers = List.of("a-1", "b-2", "c-3");
    for (var database : DATABASES) {
      assertThat(movers.stream().map(self -> seenBy(self, movers).rank(self, database)))
          .containsExactlyInAnyOrder(0, 1, 2);
      var leader = leader(movers, database);
      for (var self : movers) {
        assertThat(seenBy(self, movers).preferred(self, database).map(Peer::id))
            .isEqualTo(Stream.of(leader).filter(l -> !l.equals(self)).findFirst());
      }
    }
  }

  @Test
  void sharesAreAboutEqual() {
    for (int count = 2; count <= 5; count++) {
      var movers = IntStream.range(0, count).mapToObj(i -> "host" + i + "-4711.abc").toList();
      var shares = new HashMap<String, Integer>();
      DATABASES.forEach(database -> shares.merge(leader(movers, database), 1, Integer::sum));
      var fair = DATABASES.size() / count;
      assertThat(shares.values()).hasSize(count).allMatch(n -> n > fair * 0.7 && n < fair * 1.3);
    }
  }

  @Test
  void onlyTheShareOfTheOneThatJoinsChangesHands() {
    var two = List.of("a-1", "b-2");
    var three = List.of("a-1", "b-2", "c-3");
    assertThat(DATABASES)
        .allMatch(d -> leader(three, d).equals(leader(two, d)) || leader(three, d).equals("c-3"));
  }

  /** Movers of two versions share a fleet while it is upgraded. */
  @Test
  void theHashIsTheSameInEveryVersion() {
    var movers = List.of("a-1", "b-2", "c-3");
    var databases = DATABASES.subList(0, 5);
    assertThat(databases.stream().map(d -> leader(movers, d)))
        .containsExactly("c-3", "a-1", "a-1", "a-1", "b-2");
  }

  private static String leader(List<String> movers, String database) {
    return movers.stream()
        .filter(self -> seenBy(self, movers).rank(self, database) == 0)
        .findFirst()
        .orElseThrow();
  }

  private static Roster seenBy(String self, List<String> movers) {
    return new Roster(
        movers.stream()
            .filter(id -> !id.equals(self))
            .map(id -> new Peer(id, Set.of(), Set.of()))
            .toList(),
        Set.of(),
        Set.of());
  }
}
