package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** Runs the mover's commands in this process, on a fleet. */
final class Operator {

  private final TestFleet fleet;
  private final String[] moverLines;

  /**
   * @param moverLines more lines in the configuration's part {@code mover}
   */
  Operator(TestFleet fleet, String... moverLines) {
    this.fleet = fleet;
    this.moverLines = moverLines.clone();
  }

  /** What a command said. */
  record Answer(int exitCode, String output) {}

  /** Runs a command, such as {@code rewind --yes s0}, on the fleet's configuration. */
  Answer run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", fleet.configFile(moverLines).toString()));
    var output = new StringWriter();
    var out = new PrintWriter(output);
    var exitCode =
        new CommandLine(new MoverMain())
            .setOut(out)
            .setErr(out)
            .execute(all.toArray(new String[0]));
    return new Answer(exitCode, output.toString());
  }

  /**
   * Runs {@code rewind} or {@code skip}, first as a dry run, whose numbers must be as expected.
   *
   * @param arguments the command, its options, and what it is for
   */
  void moves(long events, long deliveredBefore, String... arguments) {
    var numbers = "events=%d delivered_before=%d".formatted(events, deliveredBefore);
    assertThat(run(with("--dry-run", arguments)))
        .satisfies(
            answer -> {
              assertThat(answer.output())
                  .contains("queues=1 lost=1 moved=0 " + numbers + " failed=0 (dry run");
              assertThat(answer.exitCode()).isZero();
            });
    assertThat(run(with("--yes", arguments)))
        .satisfies(
            answer -> {
              assertThat(answer.output())
                  .contains("queues=1 lost=1 moved=1 " + numbers + " failed=0");
              assertThat(answer.exitCode()).isZero();
            });
  }

  private static String[] with(String option, String... arguments) {
    var all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = option;
    return all;
  }

  /** The data of everything that was ever delivered, in its order. */
  static List<String> delivered(TestDatabase destination) {
    return destination.strings("select ev_data from pgq.event_template order by ev_id");
  }
}
