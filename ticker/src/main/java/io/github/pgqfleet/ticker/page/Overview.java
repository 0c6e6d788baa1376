package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import io.github.pgqfleet.lifecycle.Health;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the page shows of the whole fleet, from this process's memory alone. Thread-safe. */
final class Overview {

  private final String destination;
  private final Duration late;
  private final boolean replays;
  private final Supplier<List<Standing>> standings;
  private final Surveys surveys;
  private final Health health;
  private final InstantSource clock;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Written> written = new ConcurrentHashMap<>();

  /**
   * As it stands here it is the JSON of {@code /fleet}. Times are in milliseconds since 1970.
   *
   * @param late from this lag on a queue is late
   * @param replays whether dead letters may be replayed, with a token
   * @param problems what is wrong with the ticker's work
   * @param warnings what an operator should see to
   * @param databases each a {@link Row}
   */
  record Fleet(
      String destination,
      long late,
      boolean replays,
      Graph rates,
      List<Note> problems,
      List<Note> warnings,
      List<RawValue> databases) {}

  /** Something that is wrong, and since when. */
  record Note(String part, String what, long since) {}

  /**
   * One database.
   *
   * @param surveyed when its queues were last looked at for the page; null when they were not yet
   * @param upToDate whether who waited then has waited on since
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String id,
      String role,
      long since,
      boolean silent,
      @Nullable String problem,
      @Nullable Long surveyed,
      boolean upToDate,
      List<Survey.Queue> queues) {}

  /** A row as it was written the last time: most of them are the same each time. */
  private record Written(Row row, RawValue json) {}

  /**
   * Events a second.
   *
   * @param from the begin of the first step
   * @param step its length
   * @param queues a value a step, by the queue; null where nobody watched
   */
  record Graph(long from, long step, SortedMap<String, List<@Nullable Double>> queues) {}

  /**
   * @param destination the id of the destination database
   */
  Overview(
      String destination,
      PageConfig config,
      Supplier<List<Standing>> standings,
      Surveys surveys,
      Health health,
      InstantSource clock) {
    this.destination = destination;
    this.late = config.late();
    this.replays = config.replayToken().isPresent();
    this.standings = standings;
    this.surveys = surveys;
    this.health = health;
    this.clock = clock;
  }

  /** Another when something else is to be shown; costs less than writing it. */
  String version() {
    return Integer.toHexString(
            Objects.hash(
                standings.get(),
                health.problems(),
                health.warnings(),
                // Without their times: where nothing comes, the same is shown a step later.
                graph(surveys.all().values()).queues(),
                surveys.audience().since(),
                surveys.all().values().stream().filter(DatabaseSurvey::isUpToDate).count()))
        + "-"
        + surveys.number();
  }

  Fleet fleet() {
    var rows = standings.get().stream().map(this::row).toList();
    // Those of databases that have left.
    written.keySet().retainAll(rows.stream().map(Row::id).collect(Collectors.toSet()));
    return new Fleet(
        destination,
        late.toMillis(),
        replays,
        graph(surveys.all().values()),
        notes(health.problems()),
        notes(health.warnings()),
        rows.stream().map(this::written).toList());
  }

  /** The rates of some databases' queues together. */
  Graph graph(Collection<DatabaseSurvey> databases) {
    // The present step is not over yet.
    var last = Rates.step(clock.instant()) - 1;
    var sums = new TreeMap<String, double[]>();
    for (var database : databases) {
      database.queues().forEach(q -> sums.computeIfAbsent(q.name(), n -> new double[Rates.STEPS]));
      database
          .rates()
          .forEach(
              (queue, rates) ->
                  rates.addTo(sums.computeIfAbsent(queue, q -> new double[Rates.STEPS]), last));
    }
    var first = last - Rates.STEPS + 1;
    var known = Rates.step(surveys.audience().since());
    var graphs = new TreeMap<String, List<@Nullable Double>>();
    sums.forEach((queue, values) -> graphs.put(queue, known(values, (int) (known - first))));
    return new Graph(first * Rates.STEP.toMillis(), Rates.STEP.toMillis(), graphs);
  }

  private static List<@Nullable Double> known(double[] values, int unknown) {
    var list = new ArrayList<@Nullable Double>(values.length);
    for (var i = 0; i < values.length; i++) {
      list.add(i < unknown && values[i] == 0 ? null : Double.valueOf(round(values[i])));
    }
    return list;
  }

  private static double round(double rate) {
    return Math.round(rate * 100) / 100.0;
  }

  private Row row(Standing standing) {
    var id = standing.database().id();
    var its = surveys.of(id);
    var survey = its.flatMap(DatabaseSurvey::latest);
    return new Row(
        id,
        standing.role(),
        standing.since().toEpochMilli(),
        standing.silent(),
        standing.problem(),
        survey.map(Survey::at).map(Instant::toEpochMilli).orElse(null),
        its.map(DatabaseSurvey::isUpToDate).orElse(false),
        survey.map(Survey::queues).orElse(List.of()));
  }

  private RawValue written(Row row) {
    var before = written.get(row.id());
    if (before != null && before.row().equals(row)) {
      return before.json();
    }
    try {
      var now = new RawValue(json.writeValueAsString(row));
      written.put(row.id(), new Written(row, now));
      return now;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + row, e);
    }
  }

  private static List<Note> notes(Map<String, Health.Problem> problems) {
    return problems.entrySet().stream()
        .map(e -> new Note(e.getKey(), e.getValue().what(), e.getValue().since().toEpochMilli()))
        .toList();
  }
}
