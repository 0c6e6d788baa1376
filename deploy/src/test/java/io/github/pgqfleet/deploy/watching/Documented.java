package io.github.pgqfleet.deploy.watching;

import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The tables of deploy/README.md. Stateless. */
final class Documented {

  /** A row of the metrics' tables. */
  record Metric(Family family, String unit, List<String> alerts) {}

  private static final String NONE = "-";

  private Documented() {}

  static Path deploy() {
    return FleetProcess.projectRoot().resolve("deploy");
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All metrics, by name. */
  static Map<String, Metric> metrics() {
    var metrics = new TreeMap<String, Metric>();
    rows(section("<!-- metrics", "\n## "))
        .filter(cells -> cells.size() == 6)
        .forEach(
            cells -> {
              var family =
                  new Family(
                      cells.get(0), cells.get(1), new TreeSet<>(list(cells.get(3))), cells.get(4));
              metrics.put(family.name(), new Metric(family, cells.get(2), list(cells.get(5))));
            });
    return metrics;
  }

  /** The types of the fields of a command's JSON, by their paths. */
  static Map<String, String> fields(String command) {
    var fields = new TreeMap<String, String>();
    rows(section("### `" + command + " --json`", "\n### "))
        .forEach(cells -> fields.put(cells.get(0), cells.get(1)));
    return fields;
  }

  private static String section(String begin, String end) {
    var text = read(deploy().resolve("README.md"));
    var from = text.indexOf(begin);
    if (from < 0) {
      throw new AssertionError("no " + begin + " in deploy/README.md");
    }
    var to = text.indexOf(end, from + begin.length());
    return to < 0 ? text.substring(from) : text.substring(from, to);
  }

  /** The cells of the rows that begin with a name. */
  private static Stream<List<String>> rows(String section) {
    return section
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> Stream.of(line.split("\\|")).skip(1).map(Documented::plain).toList());
  }

  private static String plain(String cell) {
    var text = cell.strip();
    return text.startsWith("`") && text.indexOf('`', 1) == text.length() - 1
        ? text.substring(1, text.length() - 1)
        : text;
  }

  private static List<String> list(String cell) {
    return cell.equals(NONE) ? List.of() : List.of(cell.split(", "));
  }

  /** The names of a set of alerts that the tables name. */
  static Set<String> alerts() {
    var alerts = new TreeSet<String>();
    metrics().values().forEach(metric -> alerts.addAll(metric.alerts()));
    return alerts;
  }
}
