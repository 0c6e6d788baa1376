package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param parts what to measure
 * @param inserting the numbers of workers whose handlers do nothing but their INSERT
 * @param handlings how ours do that
 * @param insertSize what each of these has on average
 * @param waiting the numbers of workers whose handlers wait
 * @param pause how long they do, an event
 * @param waitSize what each of these has on average
 * @param settle how long workers are left alone after the warm-up
 * @param runs of each
 * @param process our worker's
 */
record WorkerOptions(
    Set<Part> parts,
    List<Integer> inserting,
    List<Handling> handlings,
    Backlog.Size insertSize,
    List<Integer> waiting,
    Duration pause,
    Backlog.Size waitSize,
    Duration settle,
    int runs,
    JarOptions process) {

  /** What is measured one after the other. */
  enum Part {
    /** How fast handlers are that do one INSERT an event. */
    INSERT,
    /** How many workers can wait at the same time. */
    WAIT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  WorkerOptions {
    parts = Set.copyOf(parts);
    inserting = List.copyOf(inserting);
    handlings = List.copyOf(handlings);
    waiting = List.copyOf(waiting);
    requireNumbers("--workers", inserting);
    requireNumbers("--waiting", waiting);
    Require.that(!handlings.isEmpty(), "--handlers must not be empty");
    Require.that(insertSize.warmUpTicks() >= 1, "--warm-up must be positive");
    Require.that(insertSize.ticks() > insertSize.warmUpTicks(), "--batches must be positive");
    Require.that(insertSize.batchEvents() >= 1, "--batch-events must be positive");
    Require.that(insertSize.eventBytes() >= 1, "--event-bytes must be positive");
    Require.that(waitSize.ticks() > waitSize.warmUpTicks(), "--wait-batches must be positive");
    Require.that(waitSize.batchEvents() >= 1, "--wait-batch-events must be positive");
    Require.that(!settle.isNegative(), "--settle must be positive");
    Require.that(runs >= 1, "--runs must be positive");
  }

  private static void requireNumbers(String option, List<Integer> workers) {
    Require.that(
        !workers.isEmpty()
            && workers.stream().allMatch(one -> one >= 1 && one <= Purpose.MOST_WORKERS),
        option + " must be numbers from 1 to " + Purpose.MOST_WORKERS);
    Require.that(
        workers.stream().distinct().count() == workers.size(),
        option + " must not name a number twice");
  }
}
