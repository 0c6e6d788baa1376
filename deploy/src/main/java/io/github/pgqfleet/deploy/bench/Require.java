package io.github.pgqfleet.deploy.bench;

/** Checks of what the user asked for. Stateless. */
final class Require {
  private Require() {}

  /**
   * Checks an option.
   *
   * @throws IllegalArgumentException with the message, which the command line shows
   */
  static void that(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
