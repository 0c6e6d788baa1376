package io.github.pgqfleet.worker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventHandlerTest {

  /** No server here: a handler that needs no connection is given none. */
  private static final Delivery DELIVERY =
      new Delivery() {
        @Override
        public String queue() {
          return "orders";
        }

        @Override
        public String consumer() {
          return "workers";
        }

        @Override
        public String subconsumer() {
          return "host_1";
        }

        @Override
        public long batchId() {
          return 7;
        }

        @Override
        public Connection connection() {
          throw new UnsupportedOperationException("no server in this test");
        }
      };

  @Test
  void handlesTheEventsOfABatchOneByOneAndInOrder() throws Exception {
    List<Long> seen = new ArrayList<>();
    EventHandler handler = (event, delivery) -> seen.add(event.id());

    handler.handle(List.of(event(1), event(2), event(3)), DELIVERY);

    assertThat(seen).containsExactly(1L, 2L, 3L);
  }

  @Test
  void stopsBetweenTwoEventsWhenInterrupted() {
    List<Long> seen = new ArrayList<>();
    EventHandler handler =
        (event, delivery) -> {
          seen.add(event.id());
          Thread.currentThread().interrupt();
        };

    assertThatThrownBy(() -> handler.handle(List.of(event(1), event(2)), DELIVERY))
        .isInstanceOf(InterruptedException.class);
    assertThat(seen).containsExactly(1L);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void namesAnEventWithoutItsPayload() {
    assertThat(event(5).toString()).contains("id=5").doesNotContain("secret");
  }

  private static Event event(long id) {
    return new Event(id, Instant.EPOCH, 99, 0, "t", "secret", null, null, null, null);
  }
}
