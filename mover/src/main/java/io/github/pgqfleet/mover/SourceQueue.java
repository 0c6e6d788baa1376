package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Database;

/**
 * A source queue and where its events go. Immutable.
 *
 * @param source the database that it is in
 * @param queue its name there
 * @param consumer the name under which the mover consumes it
 * @param destinationQueue the queue in the destination database that takes its events
 */
record SourceQueue(Database source, String queue, String consumer, String destinationQueue) {

  /** The name in logs, health and status: {@code server/database/queue}. */
  String id() {
    return source.id() + "/" + queue;
  }

  @Override
  public String toString() {
    return id();
  }
}
