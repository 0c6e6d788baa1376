package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcTest {
  /** Some 100 ms of CPU. */
  private static final String BURN = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";

  /** What the rounding of the kernel's figures can take from it. */
  private static final Duration LEAST = Duration.ofMillis(30);

  @Test
  void countsWhatAChildUsedThatHasEnded() throws IOException {
    try (var shell = new Shell("read -r _; sh -c '" + BURN + "'; echo done; read -r _")) {
      Duration before = Proc.cpuOfTree(shell.pid());
      shell.goOn();
      assertThat(shell.line()).isEqualTo("done");
      assertThat(shell.process.descendants()).isEmpty();
      assertThat(Proc.cpuOfTree(shell.pid()).minus(before)).isGreaterThan(LEAST);
      // The process itself has only waited.
      assertThat(Proc.cpu(shell.pid())).isLessThan(LEAST);
    }
  }

  @Test
  void countsWhatALiveChildUses() throws IOException {
    // The last read keeps the outer shell from becoming the inner one.
    try (var shell =
        new Shell("read -r _; sh -c '" + BURN + "; echo done; read -r _; :'; read -r _")) {
      Duration before = Proc.cpuOfTree(shell.pid());
      shell.goOn();
      assertThat(shell.line()).isEqualTo("done");
      assertThat(shell.process.descendants()).isNotEmpty();
      assertThat(Proc.cpuOfTree(shell.pid()).minus(before)).isGreaterThan(LEAST);
    }
  }

  @Test
  void countsNothingTwiceWhenAChildEnds() throws IOException {
    try (var shell =
        new Shell("sh -c '" + BURN + "; echo done; read -r _; :'; echo ended; read -r _")) {
      assertThat(shell.line()).isEqualTo("done");
      Duration alive = Proc.cpuOfTree(shell.pid());
      shell.goOn();
      assertThat(shell.line()).isEqualTo("ended");
      assertThat(Proc.cpuOfTree(shell.pid()).minus(alive).abs()).isLessThan(LEAST);
    }
  }

  @Test
  void knowsTheMemoryOfAProcess() throws IOException {
    try (var shell = new Shell("echo begun; read -r _")) {
      assertThat(shell.line()).isEqualTo("begun");
      double resident = Proc.residentMegabytes(shell.pid()).orElseThrow();
      assertThat(resident).isBetween(0.1, 100.0);
      assertThat(Proc.peakMegabytes(shell.pid()).orElseThrow()).isGreaterThanOrEqualTo(resident);
    }
  }

  @Test
  void findsNothingOfAProcessThatHasEnded() throws IOException {
    try (var shell = new Shell("exit")) {
      shell.process.onExit().join();
      assertThat(Proc.residentMegabytes(shell.pid())).isEmpty();
      assertThat(Proc.cpuOfTree(shell.pid())).isZero();
    }
  }

  /** A script that waits for lines of ours. */
  private static final class Shell implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Shell(String script) throws IOException {
      process = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
      output = process.inputReader(StandardCharsets.UTF_8);
    }

    long pid() {
      return process.pid();
    }

    String line() throws IOException {
      return output.readLine();
    }

    void goOn() throws IOException {
      OutputStream input = process.getOutputStream();
      input.write('\n');
      input.flush();
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
    }
  }
}
