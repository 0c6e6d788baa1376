package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.DurationConverter;
import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.lifecycle.Daemon;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ticker run}: the daemon, or with {@code --for} a cron job. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Ticks and maintains all databases, until SIGTERM or SIGINT. SIGHUP reads the configuration"
          + " again; a bad one is refused.",
      "",
      "Shows the fleet on a page, by default at http://127.0.0.1:9741/ (ticker.admin, ticker.page).",
      ""
    },
    footerHeading = "%nFrom cron:%n",
    footer = {
      "  * * * * *  java -jar ticker.jar run --for 60s --config /etc/pgq-fleet/fleet.conf",
      "",
      "When the time is over, the process goes on until the next start stands by in each database,",
      "hands it over and ends. When none comes for as long again, it ends all the same.",
      "Exit code 1 names the databases that could not be ticked at the end."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption config;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Hand over to the next start after this time, such as 60s or 5m.")
  private @Nullable Duration length;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (length != null && (length.isNegative() || length.isZero())) {
      throw new ParameterException(spec.commandLine(), "--for must be longer than nothing");
    }
    var lifetime = new Lifetime(Optional.ofNullable(length));
    Function<Section, TickerConfig> reading =
        lifetime.isBounded() ? TickerConfig::read : TickerConfig::readForDaemon;
    var deadline = config.load(reading).stopDeadline();
    var current = new AtomicReference<@Nullable TickerApplication>();
    var code =
        new Daemon(
                () -> {
                  var ticker = config.load(reading);
                  return () -> {
                    var application = new TickerApplication(ticker, lifetime);
                    current.set(application);
                    return application;
                  };
                },
                deadline)
            .run();
    return lifetime.isOver() ? Math.max(code, exitCode(current.get())) : code;
  }

  private int exitCode(@Nullable TickerApplication application) {
    if (application == null || application.problems().isEmpty()) {
      return 0;
    }
    var err = spec.commandLine().getErr();
    application.problems().forEach((part, what) -> err.println(part + ": " + what));
    return 1;
  }
}
