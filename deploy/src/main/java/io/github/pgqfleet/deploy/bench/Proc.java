package io.github.pgqfleet.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** CPU time and memory of processes, from Linux' {@code /proc}. Stateless. */
final class Proc {

  /** The unit of {@code /proc/PID/stat}: USER_HZ, which is 100 on every Linux that runs Java. */
  private static final long NANOS_A_TICK = 10_000_000;

  private static final int ATTEMPTS = 20;

  private Proc() {}

  /**
   * What one process has used.
   *
   * @param ownNanos its own CPU time
   * @param endedNanos that of its children that have ended and were waited for, and of theirs
   */
  private record Times(long ownNanos, long endedNanos) {
    static final Times NONE = new Times(0, 0);
  }

  /** The CPU time of a process without its children; none if it has ended. */
  static Duration cpu(long pid) {
    return Duration.ofNanos(times(pid).ownNanos);
  }

  /**
   * The CPU time of a process and of all its descendants, those that have ended included, so that
   * the difference of two readings misses nothing and counts nothing twice.
   */
  static Duration cpuOfTree(long root) {
    for (int attempt = 1; ; attempt++) {
      Times before = times(root);
      long sum = before.ownNanos + before.endedNanos;
      List<Long> live =
          ProcessHandle.of(root).stream()
              .flatMap(ProcessHandle::descendants)
              .map(ProcessHandle::pid)
              .toList();
      for (long pid : live) {
        Times times = times(pid);
        sum += times.ownNanos + times.endedNanos;
      }
      // A child that ended in between may be in both sums or in neither.
      if (times(root).endedNanos == before.endedNanos || attempt == ATTEMPTS) {
        return Duration.ofNanos(sum);
      }
    }
  }

  /** Resident memory now, in MB; empty if the process has ended. */
  static OptionalDouble residentMegabytes(long pid) {
    return memory(pid, "VmRSS");
  }

  /** The most that was ever resident, in MB; empty if the process has ended. */
  static OptionalDouble peakMegabytes(long pid) {
    return memory(pid, "VmHWM");
  }

  private static OptionalDouble memory(long pid, String field) {
    return read(Path.of("/proc", Long.toString(pid), "status"))
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToDouble(kilobytes -> Double.parseDouble(kilobytes) / 1024)
        .findFirst();
  }

  private static Times times(long pid) {
    Path directory = Path.of("/proc", Long.toString(pid));
    String stat = read(directory.resolve("stat"));
    int afterName = stat.lastIndexOf(')') + 2;
    if (afterName >= stat.length()) {
      return Times.NONE;
    }
    // The second field, a name in parentheses, may have spaces in it; the third is now the first.
    List<String> fields = List.of(stat.substring(afterName).split(" "));
    long own = (field(fields, 14) + field(fields, 15)) * NANOS_A_TICK;
    long ended = (field(fields, 16) + field(fields, 17)) * NANOS_A_TICK;
    if (field(fields, 20) == 1) {
      // 256 backends that are alike and use less than a tick each are rounded all the same way, so
      // where there is one thread its exact time is taken. With more, those that ended would lack.
      String exact = read(directory.resolve("schedstat"));
      if (!exact.isBlank()) {
        own = Long.parseLong(exact.substring(0, exact.indexOf(' ')));
      }
    }
    return new Times(own, ended);
  }

  /** A field by its number in the manual page, proc(5). */
  private static long field(List<String> fields, int number) {
    return Long.parseLong(fields.get(number - 3));
  }

  /** Nothing when the process is gone. */
  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      if (!os.contains("linux")) {
        throw new BenchFailure("CPU and memory are read from Linux' /proc, which is not here", e);
      }
      return "";
    }
  }
}
