package io.github.pgqfleet.lifecycle;

import java.time.Instant;
import java.time.InstantSource;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What is wrong now, by the name of the part that it is wrong with. Thread-safe. */
public final class Health {

  /**
   * One thing that is wrong.
   *
   * @param what in words, with the remedy where one is known
   * @param since when it began
   */
  public record Problem(String what, Instant since) {}

  private final InstantSource clock;
  private final ConcurrentSkipListMap<String, Problem> problems = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<String, Problem> warnings = new ConcurrentSkipListMap<>();

  public Health(InstantSource clock) {
    this.clock = clock;
  }

  /** Says that a part is unwell; the time of an earlier report of the same part stays. */
  public void report(String part, String what) {
    note(problems, part, what);
  }

  /** Says that somebody should see to a part, which is not this process's own. */
  public void warn(String part, String what) {
    note(warnings, part, what);
  }

  private void note(ConcurrentSkipListMap<String, Problem> notes, String part, String what) {
    notes.compute(part, (p, old) -> new Problem(what, old == null ? clock.instant() : old.since()));
  }

  /** Says that a part is well. */
  public void resolve(String part) {
    problems.remove(part);
    warnings.remove(part);
  }

  /** A copy of what is wrong, in the order of the parts' names. */
  public SortedMap<String, Problem> problems() {
    return new TreeMap<>(problems);
  }

  /** A copy of the warnings, in the order of the parts' names. */
  public SortedMap<String, Problem> warnings() {
    return new TreeMap<>(warnings);
  }
}
