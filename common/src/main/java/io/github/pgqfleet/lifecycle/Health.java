package io.github.pgqfleet.lifecycle;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What is wrong now, by the name of the part that it is wrong with, and what has yet to begin.
 * Thread-safe.
 */
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
  private final ConcurrentSkipListMap<String, Problem> awaited = new ConcurrentSkipListMap<>();
  private final Set<String> essential = ConcurrentHashMap.newKeySet();

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

  /**
   * Says that the process is not ready before a part has had its first turn.
   *
   * @param isEssential whether it is not ready either while something is wrong with that part
   */
  void await(String part, boolean isEssential) {
    note(awaited, part, "has not begun yet");
    if (isEssential) {
      essential.add(part);
    }
  }

  /** Says that a part has had a turn, whatever came of it. */
  void begun(String part) {
    awaited.remove(part);
  }

  /** A copy of what keeps the process from being ready, in the order of the parts' names. */
  public SortedMap<String, Problem> unready() {
    var unready = new TreeMap<String, Problem>(awaited);
    problems.forEach(
        (part, problem) -> {
          if (essential.contains(part)) {
            unready.put(part, problem);
          }
        });
    return unready;
  }
}
