package io.github.pgqfleet.mover;

import java.io.Serial;

/**
 * Source and destination do not agree on how far a queue has been delivered: one of them was
 * restored, recreated, failed over or altered by hand. Nothing was touched, and nothing may be
 * before an operator has decided; the message names the ways out, {@link RewindCommand} and {@link
 * SkipCommand}.
 */
final class PositionLostException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final String message;

  PositionLostException(SourceQueue queue, String why) {
    this.message =
        "position lost of %s: %s; ways out: `mover rewind --dry-run %s`, `mover skip --dry-run %s`"
            .formatted(queue, why, queue, queue);
  }

  @Override
  public String getMessage() {
    return message;
  }
}
