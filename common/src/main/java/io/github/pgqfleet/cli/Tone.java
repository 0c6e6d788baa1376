package io.github.pgqfleet.cli;

import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;

/** How a line is meant: on a terminal with colours it is seen at a glance. */
public enum Tone {
  PLAIN,
  HEADING,
  /** Somebody should see to it. */
  WARNING,
  /** It does not work. */
  BAD,
  /** Of less interest. */
  FAINT;

  Ansi.Text paint(String text, ColorScheme colours) {
    return colours.apply(text, styles());
  }

  private List<IStyle> styles() {
    return switch (this) {
      case PLAIN -> List.of();
      case HEADING -> List.of(Style.bold);
      case WARNING -> List.of(Style.fg_yellow);
      case BAD -> List.of(Style.fg_red, Style.bold);
      case FAINT -> List.of(Style.faint);
    };
  }
}
