package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command, its three streams served by threads of their own, so that none of them can
 * get stuck on another. Used by one thread. Closing it kills what still runs.
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
  private byte[] output = new byte[0];

  private CommandProcess(Process process) {
    this.process = process;
    this.errors = Thread.ofVirtual().name("stderr of " + process.pid()).start(this::readErrors);
    this.reader = Thread.ofVirtual().name("stdout of " + process.pid()).start(this::readOutput);
  }

  static CommandProcess start(List<String> command, CalledBatch batch) throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().put("PGQ_QUEUE", batch.id().queue());
    builder.environment().put("PGQ_CONSUMER", batch.id().consumer());
    builder.environment().put("PGQ_SUBCONSUMER", batch.id().subconsumer());
    builder.environment().put("PGQ_BATCH_ID", Long.toString(batch.batchId()));
    return new CommandProcess(builder.start());
  }

  /** Writes the events to its input, a line each, and closes that; returns at once. */
  void feed(List<? extends JsonNode> events) {
    Thread.ofVirtual()
        .name("stdin of " + process.pid())
        .start(
            () -> {
              try (var input = process.getOutputStream()) {
                for (var event : events) {
                  input.write(EncodedEvents.bytes(event));
                  input.write('\n');
                }
              } catch (IOException e) {
                // It did not want them all; its exit code says whether that is well.
              }
            });
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
  synchronized String output() {
    return new String(output, StandardCharsets.UTF_8);
  }

  /** The last lines of its error output. */
  List<String> lastLines() {
    synchronized (lastLines) {
      return List.copyOf(lastLines);
    }
  }

  private void readOutput() {
    try (InputStream stream = process.getInputStream()) {
      var read = stream.readNBytes(LONGEST_OUTPUT);
      synchronized (this) {
        output = read;
      }
      stream.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It was killed.
    }
  }

  private void readErrors() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (lastLines) {
          lastLines.addLast(line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) : line);
          if (lastLines.size() > LAST_LINES) {
            lastLines.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      // It was killed.
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
