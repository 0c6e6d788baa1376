package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Database;

/**
 * A source queue and where its events go. Immutable.
 *
 * @param source the database that it is in
 * @param queue its name there
 * @param consumer the name under which the mover consumes it
 * @param route the queues in the destination database that take its events
 * @param origin where an event's origin is noted
 */
record SourceQueue(
    Database source, String queue, String consumer, Route route, OriginColumn origin) {

  /** The name in logs, health and status: {@code server/database/queue}. */
  String id() {
    return source.id() + "/" + queue;
  }

  @Override
  public String toString() {
    return id();
  }
}
