package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.lifecycle.Daemon;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code worker run}. */
@Command(
    name = "run",
    description =
        "Consumes until it is stopped. TERM finishes the open batches within worker.stop-deadline;"
            + " HUP reads the configuration again: sub-consumers, queues and handlers come and go,"
            + " those that stay are not disturbed; a bad file is refused.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws Exception {
    var deadline = config.load(WorkerConfig::read).stopDeadline();
    return new Daemon(
            () -> {
              var worker = config.load(WorkerConfig::read);
              return () -> new WorkerApplication(worker);
            },
            deadline)
        .run();
  }
}
