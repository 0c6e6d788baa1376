package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command, its three streams served by threads of their own, so that none of them can
 * get stuck on another. Those are platform threads: waiting for a pipe holds the carrier of a
 * virtual thread, and many commands would hold all there are. Used by one thread. Closing it kills
 * what still runs.
 */
final class CommandProcess implements AutoCloseable {

  /** More output than that is no answer. */
  private static final int LONGEST_OUTPUT = 4 << 20;

  private static final int LAST_LINES = 10;
  private static final int LONGEST_LINE = 500;

  /** Time to end by itself, after it was told to. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);

  private final Process process;
  private final ArrayDeque<String> lastLines = new ArrayDeque<>();
  private final Thread errors;
  private final Thread reader;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  private CommandProcess(Process process) {
    this.process = process;
    this.errors = start("stderr", this::readErrors);
    this.reader = start("stdout", this::readOutput);
  }

  private Thread start(String stream, Runnable serving) {
    return Thread.ofPlatform().daemon().name(stream + " of " + process.pid()).start(serving);
  }

  /**
   * Starts it.
   *
   * @param withheld variables of this process's environment that it does not get
   */
  static CommandProcess start(List<String> command, CalledBatch batch, Set<String> withheld)
      throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(withheld);
    builder.environment().put("PGQ_QUEUE", batch.id().queue());
    builder.environment().put("PGQ_CONSUMER", batch.id().consumer());
    builder.environment().put("PGQ_SUBCONSUMER", batch.id().subconsumer());
    builder.environment().put("PGQ_BATCH_ID", Long.toString(batch.batchId()));
    return new CommandProcess(builder.start());
  }

  /** Writes the events to its input, a line each, and closes that; returns at once. */
  void feed(List<? extends JsonNode> events) {
    start("stdin", () -> write(events));
  }

  private void write(List<? extends JsonNode> events) {
    try (var input = process.getOutputStream()) {
      for (var event : events) {
        input.write(EncodedEvents.bytes(event));
        input.write('\n');
      }
    } catch (IOException e) {
      // It did not want them all; its exit code says whether that is well.
    }
  }

  /** Waits for its end: the exit code, or empty when it has not ended in time. */
  OptionalInt exitCode(Duration timeout) throws InterruptedException {
    if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      return OptionalInt.empty();
    }
    // A child that it left behind may hold the pipes open; what it says is not waited for.
    reader.join(LAST_WAIT);
    errors.join(LAST_WAIT);
    return OptionalInt.of(process.exitValue());
  }

  /** What it has printed. */
  String output() {
    // Synchronized by itself: a child that was left behind may still print.
    return output.toString(StandardCharsets.UTF_8);
  }

  /** The last lines of its error output. */
  List<String> lastLines() {
    synchronized (lastLines) {
      return List.copyOf(lastLines);
    }
  }

  private void readOutput() {
    try (var stream = process.getInputStream()) {
      var buffer = new byte[8192];
      for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
        output.write(buffer, 0, Math.min(n, LONGEST_OUTPUT - output.size()));
      }
    } catch (IOException e) {
      // It was killed.
    }
  }

  private void readErrors() {
    try (var stream = process.errorReader(StandardCharsets.UTF_8)) {
      var line = new StringBuilder();
      for (int c = stream.read(); c >= 0; c = stream.read()) {
        if (c == '\n') {
          keep(line);
        } else if (line.length() < LONGEST_LINE) {
          line.append((char) c);
        }
      }
      keep(line);
    } catch (IOException e) {
      // It was killed.
    }
  }

  private void keep(StringBuilder line) {
    if (!line.isEmpty()) {
      synchronized (lastLines) {
        lastLines.addLast(line.toString());
        if (lastLines.size() > LAST_LINES) {
          lastLines.removeFirst();
        }
      }
      line.setLength(0);
    }
  }

  /** Ends it and what it has started: asks first, and kills what does not heed that. */
  @Override
  public void close() {
    if (process.isAlive()) {
      var family = process.descendants().toList();
      process.destroy();
      family.forEach(ProcessHandle::destroy);
      boolean interrupted = Thread.interrupted();
      try {
        process.waitFor(LAST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      family.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
