package io.github.pgqfleet.worker.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decodes {@code ev_data}, for handlers that want that. Stateless. */
public final class Payload {

  /** As it was written: no digit of a number is lost, and nothing may follow. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Payload() {}

  /**
   * {@code ev_data} as JSON.
   *
   * @throws UndecodablePayloadException when it is null, or no JSON
   */
  public static JsonNode json(Event event) {
    return json(event, JsonNode.class);
  }

  /**
   * {@code ev_data} as JSON, bound to a class by Jackson's rules; properties that the class does
   * not have are left out.
   *
   * @throws UndecodablePayloadException when it is null, no JSON, or does not fit the class
   */
  public static <T> T json(Event event, Class<T> type) {
    var data = present(event);
    if (data.isBlank()) {
      throw new UndecodablePayloadException(event, "is empty, and so no JSON");
    }
    try {
      return MAPPER.readValue(data, type);
    } catch (JsonProcessingException e) {
      // Jackson's own message quotes the payload.
      var at = e.getLocation();
      throw new UndecodablePayloadException(
          event,
          "is no JSON%s%s"
              .formatted(
                  type == JsonNode.class ? "" : " of a " + type.getSimpleName(),
                  at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr()));
    }
  }

  /**
   * {@code ev_data} as PgQ's trigger {@code logutriga} writes a row: {@code a=1&b=%20&c}. The
   * columns in their order; a column without {@code =} is null.
   *
   * @throws UndecodablePayloadException when it is null, or badly encoded
   */
  public static Map<String, @Nullable String> urlencoded(Event event) {
    var columns = new LinkedHashMap<String, @Nullable String>();
    var data = present(event);
    if (data.isEmpty()) {
      return columns;
    }
    try {
      for (var pair : data.split("&", -1)) {
        int equals = pair.indexOf('=');
        var name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        if (name.isEmpty()) {
          throw new UndecodablePayloadException(event, "has a column without a name");
        }
        columns.put(name, equals < 0 ? null : decoded(pair.substring(equals + 1)));
      }
    } catch (IllegalArgumentException e) {
      throw new UndecodablePayloadException(event, "is not urlencoded: a bad % sequence");
    }
    return columns;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String present(Event event) {
    var data = event.data();
    if (data == null) {
      throw new UndecodablePayloadException(event, "is null");
    }
    return data;
  }
}
