package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.Payload;

/** What {@code ev_data} is, and so how it is put into JSON. */
enum Decode {
  /** Any text, which stays a string. */
  NONE,
  /** JSON, which is put in as it is. */
  JSON,
  /** A row as PgQ's logutriga writes it, which becomes an object of strings and nulls. */
  URLENCODED;

  /**
   * The event's payload.
   *
   * @throws io.github.pgqfleet.worker.api.UndecodablePayloadException when it is something else
   */
  JsonNode data(Event event) {
    var nodes = JsonNodeFactory.instance;
    var data = event.data();
    if (data == null) {
      return nodes.nullNode();
    }
    return switch (this) {
      case NONE -> nodes.textNode(data);
      case JSON -> Payload.json(event);
      case URLENCODED -> {
        var row = nodes.objectNode();
        Payload.urlencoded(event).forEach(row::put);
        yield row;
      }
    };
  }
}
