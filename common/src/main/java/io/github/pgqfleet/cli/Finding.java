package io.github.pgqfleet.cli;

/**
 * Something that {@code check} found amiss in one database.
 *
 * @param what what is wrong, in words
 * @param remedy what to do about it
 */
public record Finding(String what, String remedy) {

  @Override
  public String toString() {
    return what + "; " + remedy;
  }
}
