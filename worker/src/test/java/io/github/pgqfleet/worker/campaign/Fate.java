package io.github.pgqfleet.worker.campaign;

import java.util.Random;

/** What is to become of an event; its name is the event's type. */
enum Fate {
  /** It is handled at its first attempt. */
  HANDLED,
  FAILS_ONCE,
  FAILS_TWICE,
  /** It fails at every attempt. */
  FAILS,
  /** Its handler says at once that it is dead. */
  DEAD;

  /** One event in twenty fails somehow. */
  static Fate draw(Random random) {
    return switch (random.nextInt(80)) {
      case 0 -> FAILS_ONCE;
      case 1 -> FAILS_TWICE;
      case 2 -> FAILS;
      case 3 -> DEAD;
      default -> HANDLED;
    };
  }
}
