package io.github.pgqfleet.worker.api;

import java.io.Serial;

/**
 * An event's payload is not what it should be, and will not be later: the event is dead. The
 * message names the event, never the payload.
 */
public final class UndecodablePayloadException extends DeadEventException {

  @Serial private static final long serialVersionUID = 1L;

  UndecodablePayloadException(Event event, String what) {
    super("ev_data of event " + event.id() + " " + what);
  }
}
