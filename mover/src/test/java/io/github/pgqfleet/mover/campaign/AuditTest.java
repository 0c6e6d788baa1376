package io.github.pgqfleet.mover.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.mover.campaign.Audit.Event;
import io.github.pgqfleet.mover.campaign.Audit.Write;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The audit finds each thing that can go wrong. */
class AuditTest {

  private static final String QUEUE = "app/orders";
  private static final int EVENTS = 3;

  private final Ledger ledger = new Ledger();
  private final Write first = write();
  private final Write second = write();
  private final Map<Write, Integer> committed =
      new HashMap<>(Map.of(first, EVENTS, second, EVENTS));

  private Write write() {
    var transaction = ledger.begin();
    ledger.commit(transaction);
    return new Write(QUEUE, transaction);
  }

  @Test
  void isContentWithWhatIsRight() {
    assertThat(differences(events -> {})).isEmpty();
  }

  @Test
  void findsAnEventThatIsMissing() {
    assertThat(differences(events -> events.remove(1)))
        .contains(first + " has 3 events, of which arrived 2")
        .contains(first + " has its events in this order: [0, 2]");
  }

  @Test
  void findsThatTheLastEventOfATransactionIsMissing() {
    assertThat(differences(events -> events.remove(EVENTS - 1)))
        .containsExactly(first + " has 3 events, of which arrived 2");
  }

  @Test
  void findsAWholeTransactionThatIsMissing() {
    assertThat(differences(events -> events.removeIf(e -> e.write().equals(second))))
        .containsExactly(second + " has 3 events, of which arrived 0");
  }

  @Test
  void findsAnEventThatIsThereTwice() {
    assertThat(differences(events -> events.add(1, events.get(0))))
        .contains(first + " has 3 events, of which arrived 4");
  }

  @Test
  void findsATransactionThatIsThereTwice() {
    var audit = new Audit();
    audit.delivered(delivered());
    audit.delivered(delivered().subList(0, EVENTS));
    assertThat(audit.violations())
        .containsExactly(first + " is in more than one batch of the destination");
  }

  @Test
  void findsATransactionThatIsTornInto2Batches() {
    var audit = new Audit();
    audit.delivered(delivered().subList(0, 1));
    audit.delivered(delivered().subList(1, 2 * EVENTS));
    assertThat(audit.violations())
        .contains(first + " is in more than one batch of the destination");
  }

  @Test
  void findsATransactionThatWasDeliveredInTwo() {
    assertThat(differences(events -> events.set(2, new Event(first, 2, 78))))
        .containsExactly(first + " was delivered in more than one transaction: [77, 78]");
  }

  @Test
  void findsEventsInTheWrongOrder() {
    assertThat(differences(events -> Collections.swap(events, 0, 1)))
        .containsExactly(first + " has its events in this order: [1, 0, 2]");
  }

  @Test
  void findsTransactionsInTheWrongOrder() {
    assertThat(differences(events -> Collections.rotate(events, EVENTS)))
        .contains(second + " was delivered before the older " + first);
  }

  @Test
  void doesNotMindTheOrderOfTransactionsThatRanAtTheSameTime() {
    var older = new Write(QUEUE, ledger.begin());
    var younger = new Write(QUEUE, ledger.begin());
    ledger.commit(younger.transaction());
    ledger.commit(older.transaction());
    committed.put(older, 1);
    committed.put(younger, 1);
    assertThat(
            differences(
                events -> {
                  events.add(new Event(younger, 0, 78));
                  events.add(new Event(older, 0, 78));
                }))
        .isEmpty();
  }

  @Test
  void findsAnEventOfATransactionThatWasRolledBack() {
    committed.remove(second);
    assertThat(differences(events -> {}))
        .containsExactly(second + " arrived but was not committed");
  }

  private List<String> differences(Consumer<List<Event>> harm) {
    var events = delivered();
    harm.accept(events);
    var audit = new Audit();
    audit.delivered(events);
    return audit.differences(committed, ledger);
  }

  private List<Event> delivered() {
    var events = new ArrayList<Event>();
    for (var write : List.of(first, second)) {
      for (int i = 0; i < EVENTS; i++) {
        events.add(new Event(write, i, 77));
      }
    }
    return events;
  }
}
