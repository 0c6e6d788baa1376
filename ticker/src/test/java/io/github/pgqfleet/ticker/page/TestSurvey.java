package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Surveys, for tests of those who take them. */
public final class TestSurvey {

  private TestSurvey() {}

  /** One that somebody waits for. */
  public static DatabaseSurvey watched() {
    var clock = InstantSource.system();
    var audience = new Audience(clock);
    audience.asks();
    return new DatabaseSurvey(Duration.ofSeconds(10), audience, clock, () -> {}, () -> {});
  }

  /** Each queue of the latest, with the number of its events that no tick has closed. */
  public static List<String> unticked(DatabaseSurvey survey) {
    return survey.queues().stream().map(queue -> queue.name() + " " + queue.unticked()).toList();
  }

  /** Somebody watches for a while, from now on at the latest. */
  public static void watch(Surveys surveys) {
    surveys.areAskedFor();
  }

  /** Whether what waits in a database is known to go on waiting. */
  public static boolean showsWhatWaits(Surveys surveys, Database database) {
    var survey = surveys.of(database.id()).orElseThrow();
    return survey.isUpToDate() && survey.queues().stream().anyMatch(q -> q.waitsSince() != null);
  }
}
