package io.github.pgqfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Timeout(60)
class StatusOptionsTest {

  private static final String DOWN = "down";
  private static final String LAST = "last";

  /** What the looks find, one after the other. */
  private final Queue<String> looks = new ArrayDeque<>();

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final PipeOfReader pipe = new PipeOfReader();

  @Command(name = "status")
  private final class Status implements Callable<Integer> {
    @Mixin private final StatusOptions options = new StatusOptions();

    @Override
    public Integer call() throws Exception {
      return options.show(
          StatusOptionsTest.this::look,
          (status, screen) -> screen.line(Tone.PLAIN, status),
          status -> !status.equals("bad"));
    }
  }

  private String look() throws SQLException {
    var found = looks.remove();
    if (found.equals(DOWN)) {
      throw new SQLException("the server is down");
    }
    if (found.equals(LAST)) {
      pipe.close();
    }
    return found;
  }

  /** Keeps what is written, until its reader goes. */
  private final class PipeOfReader extends OutputStream {
    private boolean isClosed;

    @Override
    public void write(int b) throws IOException {
      if (isClosed) {
        throw new IOException("broken pipe");
      }
      shown.write(b);
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  private int run(List<String> found, String... arguments) {
    looks.addAll(found);
    var out = System.out;
    var err = System.err;
    System.setOut(new PrintStream(pipe, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return FleetCli.execute(new Status(), arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void showsItOnceAndSaysByTheExitCodeWhetherAllIsFine() {
    assertThat(run(List.of("good"))).isZero();
    assertThat(run(List.of("bad"))).isEqualTo(1);
    assertThat(run(List.of("good"), "--json")).isZero();
    assertThat(shown.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("good", "bad", "\"good\"");
  }

  @Test
  void watchesOnWhenTheServerIsDownForAWhileAndEndsWithItsReader() {
    assertThat(run(List.of("one", DOWN, "two", LAST, "never"), "--watch")).isZero();
    assertThat(shown.toString(StandardCharsets.UTF_8).lines()).containsExactly("one", "two");
    assertThat(errors.toString(StandardCharsets.UTF_8)).contains("the server is down");
    assertThat(looks).containsExactly("never");
  }
}
