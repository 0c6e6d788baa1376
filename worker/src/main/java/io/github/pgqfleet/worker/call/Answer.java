package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pgqfleet.worker.api.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is answered where not all events could be handled: a JSON object {@code {"failed": [{"id":
 * 17, "error": "no such customer", "dead": true}]}}, of which {@code error} and {@code dead} (false
 * by default) may be missing. Any other text, and any other object, names no failed event.
 */
final class Answer {

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private Answer() {}

  /**
   * The failures that an answer names.
   *
   * @param who gave it, for the message
   * @throws UnavailableException when it begins as an object but cannot be understood, or names
   *     events that were not sent: nobody knows then what was handled
   */
  static List<Failure> failures(String text, List<EncodedEvents.Encoded> sent, String who)
      throws UnavailableException {
    if (!text.stripLeading().startsWith("{")) {
      return List.of();
    }
    var failed = object(text, who).path("failed");
    if (failed.isMissingNode() || failed.isNull()) {
      return List.of();
    }
    if (!failed.isArray()) {
      throw misunderstood(who, "\"failed\" is not a list");
    }
    var events =
        sent.stream()
            .map(EncodedEvents.Encoded::event)
            .collect(Collectors.toMap(Event::id, Function.identity(), (a, b) -> a));
    var failures = new ArrayList<Failure>();
    for (var one : failed) {
      failures.add(failure(one, events, who));
    }
    return failures.stream()
        .collect(Collectors.toMap(Failure::eventId, f -> f, (a, b) -> b))
        .values()
        .stream()
        .toList();
  }

  private static JsonNode object(String text, String who) throws UnavailableException {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw misunderstood(who, "it is not JSON");
    }
  }

  private static Failure failure(JsonNode one, Map<Long, Event> events, String who)
      throws UnavailableException {
    var id = one.path("id");
    if (!id.canConvertToExactIntegral()) {
      throw misunderstood(who, "an entry of \"failed\" has no number \"id\"");
    }
    var event = events.get(id.asLong());
    if (event == null) {
      throw misunderstood(who, "\"failed\" names event " + id.asLong() + ", which was not sent");
    }
    return Failure.of(
        event, one.path("error").asText("failed without an error"), one.path("dead").asBoolean());
  }

  private static UnavailableException misunderstood(String who, String why) {
    return new UnavailableException(
        "the answer of " + who + " cannot be understood: " + why + "; correct the handler");
  }
}
