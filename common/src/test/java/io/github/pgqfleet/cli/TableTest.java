package io.github.pgqfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;

class TableTest {

  private final Table table =
      new Table("DATABASE", ">LAG", "NOTE")
          .row(Tone.BAD, "db01/app_000000001", 12.5, "cannot connect to anything at all")
          .row(Tone.PLAIN, "db01/b", 3, "")
          .row(Tone.PLAIN, "db01/@|red c|@", 3, "");

  @Test
  void givesEachColumnWhatItNeeds() {
    assertThat(print(1000, Ansi.OFF, 100))
        .containsExactly(
            "DATABASE             LAG  NOTE",
            "db01/app_000000001  12.5  cannot connect to anything at all",
            "db01/b                 3",
            "db01/@|red c|@         3");
  }

  @Test
  void keepsToTheWidthOfTheScreen() {
    assertThat(print(40, Ansi.OFF, 1))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(40))
        .containsExactly(
            "DATABASE           LAG  NOTE",
            "db01/app_000000…  12.5  cannot connect",
            "                        to anything at",
            "                        all",
            "… and 2 more (--all)");
  }

  @Test
  void paintsWhatDoesNotWorkRed() {
    assertThat(print(1000, Ansi.ON, 100))
        .satisfies(
            lines -> {
              assertThat(lines.get(1)).contains("\033[31m").contains("db01/app_000000001");
              assertThat(lines.get(2)).doesNotContain("\033[31m");
            });
  }

  private List<String> print(int width, Ansi ansi, int most) {
    var text = new StringWriter();
    var out = new PrintWriter(text);
    table.print(new Screen(out, width, Help.defaultColorScheme(ansi), most));
    out.flush();
    return text.toString().lines().toList();
  }
}
