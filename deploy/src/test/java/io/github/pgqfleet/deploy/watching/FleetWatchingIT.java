package io.github.pgqfleet.deploy.watching;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Metrics, rules, dashboard and status of a real fleet, and what deploy/README.md says of them. */
@ExtendWith(PgqServerExtension.class)
class FleetWatchingIT {

  private static final Path PROMETHEUS = Documented.deploy().resolve("prometheus");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:pgq|jvm|process)_[a-z0-9_]+\\b(?!\\s*=)");
  private static final Pattern ALERT = Pattern.compile("alert(?:name)?: (\\w+)");

  /** Of Prometheus itself. */
  private static final String OF_UP = "PgqProcessDown";

  @Test
  void isAsItIsWrittenDown(PgqServer server, @TempDir Path directory) throws Exception {
    try (var fleet = new RunningFleet(server, directory)) {
      isReadyAndAliveAndNamesTheDatabaseThatIsNotThere(fleet);
      var scraped = new TreeMap<String, Family>();
      for (var module : RunningFleet.MODULES) {
        var scrape = completeScrape(fleet, module);
        Promtool.accepts(directory, scrape, "check", "metrics");
        scraped.putAll(Family.of(scrape));
      }
      tableAndScrapeAreTheSame(scraped);
      var names = Family.samples(scraped.values());
      var inRules = metricsIn(read("prometheus/pgq-fleet.rules.yml"));
      assertThat(inRules).hasSizeGreaterThan(15);
      assertThat(names).containsAll(inRules);
      for (var expression : dashboardExpressions()) {
        assertThat(metricsIn(expression)).as(expression).isNotEmpty();
        assertThat(names).as(expression).containsAll(metricsIn(expression));
      }
      jsonIsAsDocumented(fleet);
    }
  }

  private static void isReadyAndAliveAndNamesTheDatabaseThatIsNotThere(RunningFleet fleet) {
    for (var module : RunningFleet.MODULES) {
      var pages = fleet.pages(module);
      Await.until(
          module + " to be ready",
          RunningFleet.PATIENCE,
          () -> pages.get("/readyz").statusCode() == 200);
      assertThat(pages.get("/livez").statusCode()).isEqualTo(200);
    }
    for (var module : List.of("ticker", "mover")) {
      var health = fleet.pages(module).get("/healthz");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body()).contains("s1/" + RunningFleet.MISSING);
    }
    assertThat(fleet.pages("worker").get("/healthz").statusCode()).isEqualTo(200);
  }

  /** One in which all is known that is known of a database or queue only after a while. */
  private static String completeScrape(RunningFleet fleet, String module) {
    var documented =
        Documented.metrics().keySet().stream().filter(name -> name.contains("_" + module)).toList();
    return Await.value(
        "all metrics of the " + module,
        RunningFleet.PATIENCE,
        () -> fleet.pages(module).scrape(),
        scrape -> Family.of(scrape).keySet().containsAll(documented));
  }

  private static void tableAndScrapeAreTheSame(Map<String, Family> scraped) {
    var documented = Documented.metrics();
    var families = new TreeMap<String, Family>();
    documented.forEach((name, metric) -> families.put(name, metric.family()));

    assertThat(families).containsExactlyEntriesOf(new TreeMap<>(scraped));
    documented.forEach(
        (name, metric) -> {
          assertThat(name.contains("_seconds")).as(name).isEqualTo(metric.unit().equals("seconds"));
          assertThat(name.contains("_bytes")).as(name).isEqualTo(metric.unit().equals("bytes"));
          var isCounter = metric.family().kind().equals("counter");
          assertThat(name.endsWith("_total")).as(name).isEqualTo(isCounter);
        });
  }

  @Test
  void rulesAreValidAndEachIsTestedAndInTheTable() throws IOException {
    Promtool.accepts(PROMETHEUS, "", "check", "rules", "pgq-fleet.rules.yml");
    Promtool.accepts(PROMETHEUS, "", "test", "rules", "pgq-fleet.test.yml");

    var rules = read("prometheus/pgq-fleet.rules.yml");
    var alerts = alertsIn(rules);
    assertThat(alertsIn(read("prometheus/pgq-fleet.test.yml"))).isEqualTo(alerts);
    alerts.remove(OF_UP);
    assertThat(Documented.alerts()).isEqualTo(alerts);
    Documented.metrics()
        .forEach(
            (name, metric) ->
                metric
                    .alerts()
                    .forEach(alert -> assertThat(metricsIn(rule(rules, alert))).contains(name)));
  }

  @Test
  void dashboardAsksWhatPrometheusUnderstands(@TempDir Path directory) throws IOException {
    var groups = new StringBuilder("groups: [{ name: dashboard, rules: [\n");
    var expressions = dashboardExpressions();
    for (var expression : expressions) {
      var filled =
          expression
              .replace("$__rate_interval", "5m")
              .replace("$__range", "1h")
              .replaceAll("\\$\\w+", ".*");
      groups
          .append("{ record: a_panel, expr: ")
          .append(new ObjectMapper().writeValueAsString(filled));
      groups.append(" },\n");
    }
    Files.writeString(directory.resolve("dashboard.yml"), groups.append("]}]\n"));

    assertThat(expressions).hasSizeGreaterThan(50);
    Promtool.accepts(directory, "", "check", "rules", "dashboard.yml");
  }

  private static void jsonIsAsDocumented(RunningFleet fleet) throws IOException {
    var other = fleet.run("mover", 0, "drain", "s1/" + fleet.source().name());
    assertThat(other).contains("drained");
    for (var module : RunningFleet.MODULES) {
      var complete = module.equals("worker");
      var json =
          new ObjectMapper().readTree(fleet.run(module, complete ? 0 : 1, "status", "--json"));
      var fields = new HashMap<String, String>();
      collect(json, "", fields);
      assertThat(fields)
          .as(module)
          .containsExactlyInAnyOrderEntriesOf(Documented.fields(module + " status"));
    }
  }

  /** The types of all leaves, by their paths; places, which are keys, as {@code *}. */
  private static void collect(JsonNode node, String path, Map<String, String> fields) {
    if (node.isArray()) {
      node.forEach(element -> collect(element, path + "[]", fields));
      if (node.isEmpty()) {
        fields.putIfAbsent(path + "[]", "string");
      }
    } else if (node.isObject()) {
      node.properties()
          .forEach(
              field -> {
                var key = field.getKey().contains("/") ? "*" : field.getKey();
                collect(field.getValue(), path.isEmpty() ? key : path + "." + key, fields);
              });
    } else {
      var type =
          node.isNull() || node.isNumber() ? "number" : node.isBoolean() ? "boolean" : "string";
      fields.put(path, type);
    }
  }

  private static Set<String> dashboardExpressions() throws IOException {
    var json = new ObjectMapper().readTree(read("grafana/pgq-fleet.json"));
    var expressions = new TreeSet<String>();
    for (var panel : json.path("panels")) {
      panel.path("targets").forEach(target -> expressions.add(target.path("expr").asText()));
    }
    return expressions;
  }

  private static Set<String> metricsIn(String text) {
    return all(METRIC, text.replaceAll("(?m)^ *#.*$|pgq-fleet[.\\w-]*|summary: .*", ""), 0);
  }

  private static Set<String> alertsIn(String text) {
    return all(ALERT, text, 1);
  }

  private static String rule(String rules, String alert) {
    var from = rules.indexOf("alert: " + alert + "\n");
    var to = rules.indexOf("- alert: ", from);
    return rules.substring(from, to < 0 ? rules.length() : to);
  }

  private static Set<String> all(Pattern pattern, String text, int group) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(group))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String read(String file) {
    return Documented.read(Documented.deploy().resolve(file));
  }
}
