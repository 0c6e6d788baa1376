package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Sessions;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mover check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at configuration, reachability, versions and privileges, and changes nothing.",
      "Prints a line for each thing that is missing or wrong; exits 1 if there is any."
    })
final class CheckCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var mover = config.load(MoverConfig::read);
    var checks =
        new Checks(
            new Sessions(ApplicationNames.MOVER + "check"),
            java.util.Objects.requireNonNull(spec).commandLine().getOut());
    var sources = checks.sources(mover.fleet());
    var inspection = new Inspection(mover, sources);
    checks.inspect(List.of(mover.fleet().destination()), inspection::destination);
    checks.inspect(sources, inspection::source);
    return checks.summary(sources.size() + 1);
  }
}
