package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.call.EncodedEvents.Encoded;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command and feeds it events as lines of JSON, see {@link EncodedEvents}. Exit code 0 says
 * that they are handled, but for those that its output names, see {@link Answer}; any other that
 * they have failed. Its environment tells {@code PGQ_QUEUE}, {@code PGQ_CONSUMER}, {@code
 * PGQ_SUBCONSUMER} and {@code PGQ_BATCH_ID}.
 */
public final class CommandCaller implements EventCaller {

  private static final Logger log = LoggerFactory.getLogger(CommandCaller.class);

  private final List<String> command;
  private final CommandOptions options;
  private final Set<String> withheld;

  /**
   * @param command the program and its arguments; no shell in between
   * @param withheld variables of this process's environment that it does not get
   */
  public CommandCaller(List<String> command, CommandOptions options, Set<String> withheld) {
    this.command = List.copyOf(command);
    this.options = options;
    this.withheld = Set.copyOf(withheld);
  }

  @Override
  public int eventsPerCall() {
    return options.eventsPerRun();
  }

  @Override
  public Called call(CalledBatch batch, List<Event> events) throws InterruptedException {
    return EncodedEvents.of(events, options.decode()).give(all -> run(batch, all));
  }

  private List<Failure> run(CalledBatch batch, List<Encoded> events)
      throws UnavailableException, InterruptedException {
    try (var process = CommandProcess.start(command, batch, withheld)) {
      process.feed(events.stream().map(Encoded::json).toList());
      var code = process.exitCode(options.timeout());
      if (code.isEmpty()) {
        tell(batch, "timeout", process.lastLines());
        return EncodedEvents.failed(
            events, name() + " did not end within " + options.timeout().toMillis() + " ms", false);
      }
      if (code.getAsInt() == 0) {
        return Answer.failures(process.output(), events, name());
      }
      tell(batch, "exit_code=" + code.getAsInt(), process.lastLines());
      return failures(code.getAsInt(), events);
    } catch (IOException e) {
      throw new UnavailableException(
          name() + " cannot be run: " + e.getMessage() + "; correct handler.command", e);
    }
  }

  private List<Failure> failures(int code, List<Encoded> events) throws UnavailableException {
    var error = name() + " ended with exit code " + code;
    if (options.waitOn().contains(code)) {
      throw new UnavailableException(error + "; see whether it works, and handler.wait-on");
    }
    return EncodedEvents.failed(events, error, options.deadOn().contains(code));
  }

  /**
   * What the command says of itself; its arguments, which may be secret, stay out of everything.
   */
  private void tell(CalledBatch batch, String what, List<String> lines) {
    log.warn(
        "subconsumer={} batch={} command={} event=failed {} stderr=\"{}\"",
        batch.id(),
        batch.batchId(),
        name(),
        what,
        String.join(" | ", lines));
  }

  private String name() {
    return command.getFirst();
  }
}
