package io.github.pgqfleet.worker.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.worker.api.Event;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerTest {

  private static final List<EncodedEvents.Encoded> SENT =
      EncodedEvents.of(List.of(event(1), event(2)), Decode.NONE).events();

  @Test
  void namesFailedEvents() throws Exception {
    assertThat(
            Answer.failures(
                """
                {"failed": [{"id": 1, "error": "no customer", "dead": true}, {"id": 2}], "more": 1}\
                """,
                SENT,
                "x"))
        .containsExactlyInAnyOrder(
            new Failure(1, 3, "no customer", true),
            new Failure(2, 3, "failed without an error", false));
  }

  @Test
  void namesNoneInAnyOtherTextOrObject() throws Exception {
    for (var text : List.of("", "OK", "<html>", "[1]", "{}", "{\"failed\": null}")) {
      assertThat(Answer.failures(text, SENT, "x")).isEmpty();
    }
  }

  @Test
  void isNotTrustedWhenItCannotBeUnderstood() {
    for (var text :
        List.of(
            "{\"failed\": [",
            "{\"failed\": {}}",
            "{\"failed\": [{\"error\": \"e\"}]}",
            "{\"failed\": [{\"id\": \"one\"}]}",
            "{\"failed\": [{\"id\": 3}]}")) {
      assertThatThrownBy(() -> Answer.failures(text, SENT, "http://x"))
          .isInstanceOf(UnavailableException.class)
          .hasMessageStartingWith("the answer of http://x cannot be understood");
    }
  }

  @Test
  void shortensLongErrorsAndNamesEachEventOnce() throws Exception {
    var text =
        "{\"failed\": [{\"id\": 1}, {\"id\": 1, \"error\": \"%s\"}]}".formatted("e".repeat(1000));

    assertThat(Answer.failures(text, SENT, "x"))
        .singleElement()
        .satisfies(failure -> assertThat(failure.error()).hasSize(301));
  }

  private static Event event(long id) {
    return new Event(id, Instant.EPOCH, 1, 3, "t", "d", null, null, null, null);
  }
}
