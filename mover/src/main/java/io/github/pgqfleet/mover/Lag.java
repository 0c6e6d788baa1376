package io.github.pgqfleet.mover;

/**
 * How far the mover is behind on a source queue. Immutable.
 *
 * @param pendingEvents an estimate, from the event sequence
 * @param seconds age of the tick up to which everything has been delivered; on an idle queue, up to
 *     the time between two ticks
 */
record Lag(long pendingEvents, double seconds) {}
