package io.github.pgqfleet.worker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PayloadTest {

  /** What a handler binds a payload to. */
  record Order(int id, String customer) {}

  @Test
  void keepsTheDigitsOfNumbers() {
    assertThat(Payload.json(event("{\"a\": 0.10, \"b\": 12345678901234567890}")).toString())
        .isEqualTo("{\"a\":0.10,\"b\":12345678901234567890}");
  }

  @Test
  void bindsJsonToAClassAndLeavesOutWhatItDoesNotHave() {
    assertThat(Payload.json(event("{\"id\": 3, \"customer\": \"x\", \"more\": []}"), Order.class))
        .isEqualTo(new Order(3, "x"));
  }

  @Test
  void namesTheEventAndThePlaceButNotThePayloadWhenItIsNoJson() {
    for (var data : new String[] {"secret", "{\"a\": secret}", "1 secret", "{\"a\": \"secret"}) {
      assertThatThrownBy(() -> Payload.json(event(data)))
          .isInstanceOf(UndecodablePayloadException.class)
          .hasMessageStartingWith("ev_data of event 17 is no JSON, line 1 column")
          .hasMessageNotContaining("secret");
    }
    assertThatThrownBy(() -> Payload.json(event(" "))).hasMessageContaining("is empty");
    assertThatThrownBy(() -> Payload.json(event(null))).hasMessageContaining("is null");
    assertThatThrownBy(() -> Payload.json(event("{\"id\": \"secret\"}"), Order.class))
        .hasMessageContaining("is no JSON of a Order")
        .hasMessageNotContaining("secret");
  }

  @Test
  void readsColumnsInTheirOrderAndNulls() {
    var expected = new LinkedHashMap<String, @Nullable String>();
    expected.put("id", "1");
    expected.put("a b", "x y&=ü");
    expected.put("note", null);
    expected.put("empty", "");

    var row = Payload.urlencoded(event("id=1&a+b=x%20y%26%3d%c3%bc&note&empty="));

    assertThat(row).isEqualTo(expected);
    assertThat(row.keySet()).containsExactlyElementsOf(Arrays.asList("id", "a b", "note", "empty"));
    assertThat(Payload.urlencoded(event(""))).isEmpty();
  }

  @Test
  void refusesWhatIsNotUrlencoded() {
    assertThatThrownBy(() -> Payload.urlencoded(event("a=%zz")))
        .isInstanceOf(UndecodablePayloadException.class)
        .hasMessage("ev_data of event 17 is not urlencoded: a bad % sequence");
    assertThatThrownBy(() -> Payload.urlencoded(event("a=1&&b=2")))
        .hasMessageContaining("a column without a name");
  }

  private static Event event(@Nullable String data) {
    return new Event(17, Instant.EPOCH, 1, 0, "t", data, null, null, null, null);
  }
}
