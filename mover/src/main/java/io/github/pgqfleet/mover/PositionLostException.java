package io.github.pgqfleet.mover;

import java.io.Serial;

/**
 * Source and destination do not agree on how far a queue has been delivered: one of them was
 * restored, recreated, failed over or altered by hand. Nothing was touched, and nothing may be
 * before an operator has decided.
 */
final class PositionLostException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  PositionLostException(SourceQueue queue, String why) {
    super("position lost of " + queue + ": " + why);
  }
}
