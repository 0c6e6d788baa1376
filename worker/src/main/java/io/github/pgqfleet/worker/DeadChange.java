package io.github.pgqfleet.worker;

import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.failed.DeadLetterFilter;
import io.github.pgqfleet.worker.failed.DeadLetters;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code worker dead replay} and {@code drop} have in common: all but what is done. */
abstract class DeadChange implements Callable<Integer> {

  /** Each such part is a transaction. */
  private static final int AT_ONCE = 1_000;

  @Mixin private final DeadOptions options = new DeadOptions();

  @Option(names = "--all", description = "All of them; needed where no other option chooses some.")
  private boolean all;

  @Option(names = "--dry-run", description = "Count them, and change nothing.")
  private boolean dryRun;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** Does it with some; returns with how many. */
  abstract long change(DeadLetters letters, List<Long> ids) throws SQLException;

  /** What was done, as the summary says it. */
  abstract String done();

  /** Why some may be left as they are. */
  abstract String whyLeft();

  @Override
  public Integer call() throws Exception {
    var worker = options.config();
    var filter = options.filter(worker);
    if (filter.isOpen() && options.limit().isEmpty() && !all) {
      throw new ParameterException(
          spec.commandLine(), "name some, by --queue or another option, or say --all");
    }
    var out = spec.commandLine().getOut();
    try (var connection = new Sessions("pgq-fleet worker dead").open(worker.destination())) {
      var letters = new DeadLetters(connection);
      long most = options.limit().isPresent() ? options.limit().getAsInt() : Long.MAX_VALUE;
      if (dryRun) {
        out.println("dead: chosen=%d".formatted(Math.min(most, letters.count(filter))));
        out.flush();
        return 0;
      }
      return change(letters, filter, most);
    }
  }

  private int change(DeadLetters letters, DeadLetterFilter filter, long most) throws SQLException {
    // What dies meanwhile, perhaps again, is not meant.
    long newest = letters.newest();
    long chosen = 0;
    long changed = 0;
    long last = 0;
    while (chosen < most) {
      var ids = letters.ids(filter, last, newest, (int) Math.min(AT_ONCE, most - chosen));
      if (ids.isEmpty()) {
        break;
      }
      changed += change(letters, ids);
      chosen += ids.size();
      last = ids.getLast();
    }
    var out = spec.commandLine().getOut();
    out.println("dead: chosen=%d %s=%d".formatted(chosen, done(), changed));
    if (changed < chosen) {
      out.println("%d are left as they are: %s".formatted(chosen - changed, whyLeft()));
    }
    out.flush();
    return changed == chosen ? 0 : 1;
  }
}
