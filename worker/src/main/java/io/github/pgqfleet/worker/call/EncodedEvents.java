package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.UndecodablePayloadException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Events as JSON: objects with {@code id}, {@code time} (ISO 8601), {@code txid}, {@code retry},
 * {@code type}, {@code data} and {@code extra1} to {@code extra4}. Those whose payload is not what
 * it should be are failures at once, for good: they would not be decoded later either.
 *
 * @param events those that could be put into JSON
 * @param undecodable the others
 */
record EncodedEvents(List<Encoded> events, List<Failure> undecodable) {

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  /** An event and its JSON. */
  record Encoded(Event event, ObjectNode json) {}

  static EncodedEvents of(List<Event> events, Decode decode) {
    var encoded = new ArrayList<Encoded>(events.size());
    var undecodable = new ArrayList<Failure>();
    for (var event : events) {
      try {
        encoded.add(new Encoded(event, json(event, decode.data(event))));
      } catch (UndecodablePayloadException e) {
        undecodable.add(Failure.of(event, String.valueOf(e.getMessage()), true));
      }
    }
    return new EncodedEvents(encoded, undecodable);
  }

  private static ObjectNode json(Event event, JsonNode data) {
    var json =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", event.id())
            .put("time", event.time().toString())
            .put("txid", event.txid())
            .put("retry", event.retry())
            .put("type", event.type());
    json.set("data", data);
    return json.put("extra1", event.extra1())
        .put("extra2", event.extra2())
        .put("extra3", event.extra3())
        .put("extra4", event.extra4());
  }

  /** Gives them away together. */
  Called give(Together.Sending<List<Encoded>> sending) throws InterruptedException {
    if (events.isEmpty()) {
      return Called.all(undecodable);
    }
    return called(Together.each(List.of(events), 1, sending), List::stream);
  }

  /** Gives them away one by one, some at once. */
  Called giveEach(int atOnce, Together.Sending<Encoded> sending) throws InterruptedException {
    return called(Together.each(events, atOnce, sending), Stream::of);
  }

  private <T> Called called(Together.Sent<T> sent, Function<T, Stream<Encoded>> parts) {
    var failures = new ArrayList<>(undecodable);
    failures.addAll(sent.failures());
    return new Called(
        failures,
        sent.left().stream().flatMap(parts).map(Encoded::event).toList(),
        sent.cutShort());
  }

  /** JSON in one line, in UTF-8. */
  static byte[] bytes(JsonNode json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All of them as failed in the same way. */
  static List<Failure> failed(List<Encoded> events, String error, boolean dead) {
    return events.stream().map(e -> Failure.of(e.event(), error, dead)).toList();
  }
}
