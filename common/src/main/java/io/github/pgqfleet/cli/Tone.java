package io.github.pgqfleet.cli;

import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;

/** How a line is meant: on a terminal with colours it is seen at a glance. */
public enum Tone {
  PLAIN,
  HEADING(Style.bold),
  /** Somebody should see to it. */
  WARNING(Style.fg_yellow),
  /** It does not work. */
  BAD(Style.fg_red, Style.bold),
  /** Of less interest. */
  FAINT(Style.faint);

  @SuppressWarnings("ImmutableEnumChecker") // copied, of constants
  private final List<IStyle> styles;

  Tone(IStyle... styles) {
    this.styles = List.of(styles);
  }

  Ansi.Text paint(String text, ColorScheme colours) {
    return colours.apply(text, styles);
  }
}
