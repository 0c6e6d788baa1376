package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param databases how many source databases
 * @param clusters over how many clusters they are spread
 * @param size of the backlog in each queue
 * @param peerProcesses of Skytools
 * @param steadyDatabases in how many of them the steady state is measured
 * @param settle how long a mover is left alone after its first batches
 * @param window how long the steady state is measured
 * @param runs of each mover
 * @param parts what to measure
 * @param statements whether they are counted too
 * @param coalesce how our mover takes the backlog
 * @param jvmOptions our mover's
 * @param settings our mover's, for its part of fleet.conf
 */
record MoverOptions(
    int databases,
    int clusters,
    Backlog.Size size,
    int peerProcesses,
    int steadyDatabases,
    Duration settle,
    Duration window,
    int runs,
    Set<Part> parts,
    boolean statements,
    List<Coalesce> coalesce,
    List<String> jvmOptions,
    String settings) {

  /** What is measured one after the other. */
  enum Part {
    /** How fast a backlog is moved. */
    BACKLOG,
    /** What a batch costs when each queue has one a second. */
    STEADY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How our mover takes a backlog. */
  enum Coalesce {
    /** As by its default, many ticks as one batch. */
    DEFAULT(""),
    /** Tick by tick, in the same batches as the peers. */
    OFF("coalesce-events = 0\n");

    private final String setting;

    Coalesce(String setting) {
      this.setting = setting;
    }

    /** For our mover's part of fleet.conf. */
    String setting() {
      return setting;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  MoverOptions {
    coalesce = List.copyOf(coalesce);
    Require.that(!coalesce.isEmpty(), "--coalesce must not be empty");
    parts = Set.copyOf(parts);
    jvmOptions = List.copyOf(jvmOptions);
    Require.that(databases >= 1 && databases <= 999, "--databases must be from 1 to 999");
    Require.that(clusters >= 1, "--clusters must be positive");
    Require.that(
        databases % clusters == 0,
        "%d databases cannot be spread evenly over %d clusters".formatted(databases, clusters));
    Require.that(size.warmUpTicks() >= 1, "--warm-up must be positive");
    Require.that(size.ticks() > size.warmUpTicks(), "there must be batches besides the warm-up's");
    Require.that(size.batchEvents() >= 1, "--batch-events must be positive");
    Require.that(size.eventBytes() >= 1, "--event-bytes must be positive");
    Require.that(peerProcesses >= 1, "--peer-processes must be positive");
    Require.that(
        steadyDatabases >= 1 && steadyDatabases <= databases,
        "--steady-databases must be from 1 to --databases");
    Require.that(!settle.isNegative(), "--settle must be positive");
    Require.that(window.isPositive(), "--seconds must be positive");
    Require.that(runs >= 1, "--runs must be positive");
  }
}
