package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.lifecycle.Daemon;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mover run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Forwards until SIGTERM or SIGINT, then finishes the batches under way and exits 0.",
      "SIGHUP reads the configuration again; a bad one is refused and the old one stays."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws Exception {
    var deadline = config.load(MoverConfig::read).stopDeadline();
    var self = MoverId.create();
    return new Daemon(
            () -> {
              var mover = config.load(MoverConfig::read);
              return () -> new MoverApplication(mover, self);
            },
            deadline)
        .run();
  }
}
