package io.github.pgqfleet.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgqfleet.config.ConfigurationException;
import java.io.PrintWriter;
import java.sql.SQLException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** Runs a command line: parses, executes, prints errors as people want to read them. Stateless. */
public final class FleetCli {

  /** The exit code of a wrong use or configuration; picocli's own for a wrong option. */
  public static final int BAD_CONFIGURATION = ExitCode.USAGE;

  private FleetCli() {}

  /**
   * Executes {@code root} and ends the process with the exit code.
   *
   * @param root an object annotated as picocli's command
   */
  @SuppressWarnings("SystemExitOutsideMain") // it is what the mains consist of
  public static void main(Object root, String... args) {
    System.exit(execute(root, args));
  }

  /** Executes {@code root}; returns the exit code. */
  public static int execute(Object root, String... args) {
    var commandLine = new CommandLine(root);
    // Tells, as picocli's own does not, that whoever read the output has gone.
    commandLine.setOut(new PrintWriter(System.out, true, System.out.charset()));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(FleetCli::failed);
    commandLine.setExecutionStrategy(
        parsed -> {
          var last = parsed;
          while (last.hasSubcommand()) {
            last = last.subcommand();
          }
          // Only the daemon's log is for reading; other commands speak for themselves.
          if (!last.commandSpec().name().equals("run")) {
            ((Logger) LoggerFactory.getLogger("io.github.pgqfleet")).setLevel(Level.WARN);
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    return commandLine.execute(args);
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed)
      throws Exception {
    var err = commandLine.getErr();
    switch (e) {
      case ConfigurationException bad -> {
        bad.problems().forEach(err::println);
        err.println("configuration: problems=" + bad.problems().size());
        return BAD_CONFIGURATION;
      }
      case SQLException sql -> err.println("error: " + sql.getMessage());
      case java.io.IOException io -> err.println("error: " + io.getMessage());
      case InterruptedException interrupted -> err.println("interrupted");
      default -> throw e;
    }
    return ExitCode.SOFTWARE;
  }
}
