package io.github.pgqfleet.config;

import java.util.regex.Pattern;

/**
 * A name, or a pattern in which {@code *} stands for any characters. Immutable.
 *
 * @param text as it is written in the configuration
 */
public record NamePattern(String text) {

  /** Whether it is a pattern, and not a plain name. */
  public boolean isPattern() {
    return text.contains("*");
  }

  /** Whether the whole name fits. */
  public boolean fits(String name) {
    var expression = new StringBuilder();
    for (var literal : text.splitWithDelimiters("\\*", 0)) {
      expression.append(literal.equals("*") ? ".*" : Pattern.quote(literal));
    }
    return Pattern.matches(expression.toString(), name);
  }
}
