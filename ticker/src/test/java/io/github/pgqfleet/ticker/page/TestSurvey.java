package io.github.pgqfleet.ticker.page;

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
}
