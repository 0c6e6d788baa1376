package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.Locale;

/** How our workers handle events. */
enum Handling {
  /** A function in the database, which does the INSERT. */
  SQL,
  /** An {@code EventHandler}: an INSERT and a round trip an event, as the peer does it. */
  EVENT,
  /** An {@code EventHandler}: an INSERT an event, which the worker sends with others. */
  SEND,
  /** A {@code BatchHandler}: an INSERT an event, many of them a round trip. */
  BATCH;

  /** What the handler of a queue is in fleet.conf. */
  String handler(String queue) {
    return switch (this) {
      case SQL -> "type = sql, function = \"" + Handled.function(queue) + "\"";
      case EVENT, SEND, BATCH -> java("way = " + this);
    };
  }

  /** A handler that waits before each INSERT. */
  static String waiting(Duration wait) {
    return java("way = send, wait-ms = " + wait.toMillis());
  }

  private static String java(String settings) {
    return "type = java, name = bench, settings { " + settings + " }";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
