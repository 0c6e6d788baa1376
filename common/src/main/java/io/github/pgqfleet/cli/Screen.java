package io.github.pgqfleet.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;

/**
 * Where a command shows something for people.
 *
 * @param width how many characters fit into a line; very many where it is no terminal
 * @param colours as picocli knows them; none where it is no terminal
 * @param most how many rows to show of what may have very many
 */
public record Screen(PrintWriter out, int width, ColorScheme colours, int most) {

  private static final int UNBOUNDED = 1000;
  private static final int NARROWEST = 40;

  /** The terminal that the process runs on, or a pipe without width and colours. */
  static Screen of(PrintWriter out, int most) {
    return new Screen(
        out, isTerminal() ? terminalWidth() : UNBOUNDED, Help.defaultColorScheme(Ansi.AUTO), most);
  }

  @SuppressWarnings("SystemConsoleNull") // it is null where there is no terminal
  static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  private static int terminalWidth() {
    try (var terminal = TerminalBuilder.builder().dumb(true).build()) {
      return terminal.getWidth() < NARROWEST ? UNBOUNDED : terminal.getWidth();
    } catch (IOException e) {
      return UNBOUNDED;
    }
  }

  /** A line of text. */
  public void line(Tone tone, String text) {
    out.println(tone.paint(text, colours));
  }
}
