package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.mover.Roster.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharingTest {

  private static final Duration BEAT = Duration.ofSeconds(2);
  private static final String SELF = "self-1";
  private static final String OTHER = "other-2";

  /** Two databases: this mover should lead the first, the other one the second. */
  private static final String OURS = database(true);

  private static final String THEIRS = database(false);

  private Duration now = Duration.ofDays(1);
  private final Sharing sharing = new Sharing(SELF, BEAT, () -> now);

  private static String database(boolean ours) {
    var roster = roster(new Peer(OTHER, Set.of(), Set.of()));
    return IntStream.range(0, 100)
        .mapToObj(i -> "db01/app_" + i)
        .filter(d -> (roster.rank(SELF, d) == 0) == ours)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void leadsNothingBeforeTheFirstHeartbeat() {
    assertThat(sharing.shouldLead(OURS)).isFalse();
  }

  @Test
  void leadsEverythingWhenItIsAlone() {
    sharing.heard(roster());
    assertThat(sharing.shouldLead(OURS)).isTrue();
    assertThat(sharing.shouldLead(THEIRS)).isTrue();
  }

  @Test
  void stepsDownOnlyForOneThatIsReady() {
    sharing.leads(THEIRS);
    sharing.heard(roster(new Peer(OTHER, Set.of(), Set.of())));
    assertThat(sharing.shouldLead(THEIRS)).isTrue();
    sharing.heard(roster(new Peer(OTHER, Set.of(), Set.of(OURS, THEIRS))));
    assertThat(sharing.shouldLead(THEIRS)).isFalse();
    sharing.leads(OURS);
    assertThat(sharing.shouldLead(OURS)).isTrue();
  }

  @Test
  void leavesADatabaseAloneThatAnotherLeads() {
    for (int beat = 0; beat < 20; beat++) {
      sharing.heard(roster(new Peer(OTHER, Set.of(THEIRS), Set.of())));
      assertThat(sharing.shouldLead(THEIRS)).isFalse();
      assertThat(sharing.shouldLead(OURS)).isTrue();
      now = now.plus(BEAT);
    }
  }

  @Test
  void triesADatabaseThatNobodyHasLedForAWhile() {
    for (int beat = 0; beat <= 6; beat++) {
      sharing.heard(roster(new Peer(OTHER, Set.of(), Set.of())));
      assertThat(sharing.shouldLead(THEIRS)).as("beat " + beat).isFalse();
      now = now.plus(BEAT);
    }
    sharing.heard(roster(new Peer(OTHER, Set.of(), Set.of())));
    assertThat(sharing.shouldLead(THEIRS)).isTrue();
  }

  @Test
  void changesNothingWhileItsOwnHeartbeatFails() {
    sharing.heard(roster());
    sharing.leads(THEIRS);
    now = now.plus(BEAT.multipliedBy(4));
    assertThat(sharing.shouldLead(THEIRS)).isTrue();
    assertThat(sharing.shouldLead(OURS)).isFalse();
  }

  @Test
  void leavesADrainedDatabase() {
    sharing.leads(OURS);
    sharing.heard(new Roster(List.of(), Set.of(), Set.of(OURS)));
    assertThat(sharing.shouldLead(OURS)).isFalse();
    sharing.left(OURS);
    sharing.heard(roster());
    assertThat(sharing.shouldLead(OURS)).isTrue();
  }

  @Test
  void saysWhatItLeadsAndWhatItIsReadyFor() {
    sharing.ready(THEIRS);
    sharing.ready(OURS);
    sharing.leads(OURS);
    assertThat(sharing.leads()).containsExactly(OURS);
    assertThat(sharing.ready()).containsExactly(THEIRS);
    sharing.left(OURS);
    sharing.notReady(THEIRS);
    assertThat(sharing.leads()).isEmpty();
    assertThat(sharing.ready()).isEmpty();
  }

  private static Roster roster(Peer... peers) {
    return new Roster(List.of(peers), Set.of(), Set.of());
  }
}
