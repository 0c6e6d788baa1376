package io.github.pgqfleet.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/**
 * A table for people, with as much room for each column as it needs. Where the screen is too narrow
 * the widest columns give way, and of the last one the text goes on in the next line. Laid out by
 * picocli. Not thread-safe.
 */
public final class Table {

  private static final int GAP = 2;
  private static final int LEAST = 8;

  private record Row(Tone tone, List<String> cells) {}

  private final List<Row> rows = new ArrayList<>();
  private final List<Boolean> numbers;
  private final int columns;

  /**
   * @param headings of the columns; those that begin with {@code >} are of numbers, which stand at
   *     the right
   */
  public Table(String... headings) {
    columns = headings.length;
    numbers = Stream.of(headings).map(heading -> heading.startsWith(">")).toList();
    rows.add(
        new Row(
            Tone.HEADING,
            Stream.of(headings).map(h -> h.startsWith(">") ? h.substring(1) : h).toList()));
  }

  /** Adds a row; a cell is shown as its {@code toString} says. */
  public Table row(Tone tone, Object... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
    }
    rows.add(new Row(tone, Stream.of(cells).map(Object::toString).toList()));
    return this;
  }

  /** Prints it: the headings, the first rows, and how many more there are. */
  public void print(Screen screen) {
    var shown = rows.subList(0, (int) Math.min(rows.size(), screen.most() + 1L));
    var widths = widths(shown, screen.width());
    var table =
        TextTable.forColumns(
            screen.colours(),
            IntStream.range(0, columns)
                .mapToObj(i -> column(i, widths.get(i)))
                .toArray(Column[]::new));
    table.indentWrappedLines = 0;
    for (var row : shown) {
      table.addRowValues(
          IntStream.range(0, columns)
              .mapToObj(i -> row.tone().paint(aligned(row, i, widths.get(i)), screen.colours()))
              .toArray(Ansi.Text[]::new));
    }
    screen.out().print(table);
    if (shown.size() < rows.size()) {
      screen.line(Tone.FAINT, "… and %d more (--all)".formatted(rows.size() - shown.size()));
    }
  }

  private Column column(int i, int width) {
    var gap = i == 0 ? 0 : GAP;
    return new Column(width + gap, gap, i == columns - 1 ? Overflow.WRAP : Overflow.TRUNCATE);
  }

  private String aligned(Row row, int i, int width) {
    var cell = row.cells().get(i);
    if (numbers.get(i)) {
      return " ".repeat(Math.max(0, width - cell.length())) + cell;
    }
    return cell.length() <= width || i == columns - 1 ? cell : cell.substring(0, width - 1) + "…";
  }

  private List<Integer> widths(List<Row> shown, int screenWidth) {
    var widths = new ArrayList<>(Collections.nCopies(columns, 1));
    for (var row : shown) {
      IntStream.range(0, columns)
          .forEach(i -> widths.set(i, Math.max(widths.get(i), row.cells().get(i).length())));
    }
    var most = screenWidth - GAP * (columns - 1);
    while (widths.stream().mapToInt(w -> w).sum() > most) {
      var widest = widths.indexOf(Collections.max(widths));
      if (widths.get(widest) <= LEAST) {
        break;
      }
      widths.set(widest, widths.get(widest) - 1);
    }
    return widths;
  }
}
