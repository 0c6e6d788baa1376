package io.github.pgqfleet.deploy.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured of each candidate, a value a run, and the lines that say it. For one thread.
 */
final class Figures {
  static final String OURS = "ours";

  /** Stands for the machine with the load alone. */
  static final String NOBODY = "none";

  private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();

  void add(String candidate, String figure, double value) {
    values
        .computeIfAbsent(figure, _ -> new LinkedHashMap<>())
        .computeIfAbsent(candidate, _ -> new ArrayList<>())
        .add(value);
  }

  void add(String candidate, Map<String, Double> run) {
    run.forEach((figure, value) -> add(candidate, figure, value));
  }

  /** The median of what was added. */
  double median(String candidate, String figure) {
    return Statistics.median(
        values.getOrDefault(figure, Map.of()).getOrDefault(candidate, List.of()));
  }

  /**
   * A line a figure and peer, in the order in which they came: median, least and greatest of ours,
   * the same of the peer, the ratio of the medians, and the median without any candidate where
   * there is one.
   *
   * @param heading begins a line
   * @param conditions stand between the figure's name and its values
   */
  List<String> lines(String heading, String conditions) {
    List<String> lines = new ArrayList<>();
    values.forEach(
        (figure, byCandidate) -> {
          String beginning = heading + " figure=" + figure + " " + conditions + " ";
          List<String> peers =
              byCandidate.keySet().stream()
                  .filter(name -> !name.equals(OURS) && !name.equals(NOBODY))
                  .toList();
          if (peers.isEmpty()) {
            lines.add(beginning + compared(byCandidate, NOBODY));
          }
          peers.forEach(peer -> lines.add(beginning + compared(byCandidate, peer)));
        });
    return lines;
  }

  private static String compared(Map<String, List<Double>> byCandidate, String peer) {
    var text = new StringBuilder();
    List<Double> ours = byCandidate.getOrDefault(OURS, List.of());
    text.append("runs=").append(ours.size());
    append(text, "ours", "ours", ours);
    text.append(" peer=").append(peer);
    if (!peer.equals(NOBODY)) {
      List<Double> peers = byCandidate.getOrDefault(peer, List.of());
      append(text, "peer_figure", "peer", peers);
      text.append(" ratio=").append(ratio(ours, peers));
    }
    List<Double> alone = byCandidate.getOrDefault(NOBODY, List.of());
    if (!alone.isEmpty()) {
      append(text, "alone", "alone", alone);
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String name, String prefix, List<Double> values) {
    text.append(' ').append(name).append('=');
    if (values.isEmpty()) {
      text.append('-');
    } else {
      text.append(number(Statistics.median(values)))
          .append(' ' + prefix + "_min=")
          .append(number(Collections.min(values)))
          .append(' ' + prefix + "_max=")
          .append(number(Collections.max(values)));
    }
  }

  private static String ratio(List<Double> ours, List<Double> peers) {
    if (ours.isEmpty() || Statistics.median(peers) <= 0) {
      return "-";
    }
    return String.format(Locale.ROOT, "%.3f", Statistics.median(ours) / Statistics.median(peers));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
