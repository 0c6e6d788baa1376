package io.github.pgqfleet.deploy.watching;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A metric as a scrape shows it, or a table tells. */
record Family(String name, String kind, Set<String> labels, String help) {

  private static final Pattern HELP = Pattern.compile("(?m)^# HELP (\\w+) (.*)$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /** What Prometheus puts there itself. */
  private static final Set<String> OF_SUMMARIES = Set.of("quantile");

  /** All of a scrape in Prometheus' text format, by name. */
  static Map<String, Family> of(String scrape) {
    var families = new TreeMap<String, Family>();
    HELP.matcher(scrape)
        .results()
        .forEach(
            help -> {
              var name = help.group(1);
              families.put(
                  name, new Family(name, kind(scrape, name), labels(scrape, name), help.group(2)));
            });
    return families;
  }

  /** The names of samples of these metrics: those of summaries with all that belongs to them. */
  static Set<String> samples(Collection<Family> families) {
    return families.stream()
        .flatMap(
            family ->
                family.kind().equals("summary")
                    ? Set.of(family.name(), family.name() + "_sum", family.name() + "_count")
                        .stream()
                    : Set.of(family.name()).stream())
        .collect(Collectors.toSet());
  }

  private static String kind(String scrape, String name) {
    var matcher = Pattern.compile("(?m)^# TYPE " + name + " (\\w+)$").matcher(scrape);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static Set<String> labels(String scrape, String name) {
    var labels = new TreeSet<String>();
    Pattern.compile("(?m)^" + name + "(?:_sum|_count)?\\{(.*)} ")
        .matcher(scrape)
        .results()
        .forEach(
            sample ->
                LABEL
                    .matcher(sample.group(1))
                    .results()
                    .forEach(label -> labels.add(label.group(1))));
    labels.removeAll(OF_SUMMARIES);
    return labels;
  }
}
