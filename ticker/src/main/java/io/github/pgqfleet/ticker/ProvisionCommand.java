package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Provisioning;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ticker provision}: creates what is missing. */
@Command(
    name = "provision",
    mixinStandardHelpOptions = true,
    description = {
      "Creates in every database what is missing: the extension pgq (which takes a superuser), the"
          + " configured queues, and their settings where they differ. It can be run again at any"
          + " time; paused queues stay paused.",
      "",
      "Where no extension may be created, as on managed PostgreSQL, --pgq-sql installs PgQ from its"
          + " plain SQL. That takes the right to create a schema in each database, and to create"
          + " roles where the server has none of PgQ's yet. A PgQ that is there already, of either"
          + " kind, stays as it is.",
      ""
    })
final class ProvisionCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption configOption;

  @Option(names = "--dry-run", description = "Print the SQL, change nothing.")
  private boolean dryRun;

  @Option(
      names = "--pgq-sql",
      paramLabel = "FILE",
      converter = PgqSqlFile.Converter.class,
      description =
          "Install PgQ from this file, not as an extension: the pgq_pl_only.sql of its package, in"
              + " Debian's /usr/share/postgresql/NN/contrib.")
  private @Nullable PgqSqlFile pgqSql;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    var fleet = configOption.load(TickerConfig::read).fleet();
    var out = spec.commandLine().getOut();
    var sessions = ApplicationName.command();
    var checks = new Checks(sessions, out);
    var databases = new ArrayList<>(checks.sources(fleet));
    databases.add(fleet.destination());
    var provisioning = new Provisioning(sessions, out, dryRun);
    provisioning.apply(databases, new TickerPlanner(fleet.queues(), Optional.ofNullable(pgqSql)));
    return Math.max(checks.problems() == 0 ? 0 : 1, provisioning.summary());
  }
}
