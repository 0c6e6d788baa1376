package io.github.pgqfleet.deploy.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FleetPageIT {

  private static final String MAP = "#databases tbody ";

  /** Whoever has failed for a while tries again after half a minute; the page asks again later. */
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private static final String NOTHING_LATE = "Nothing is late";

  private final PageFleet fleet;
  private final Browser browser;

  FleetPageIT(@TempDir Path directory) throws SQLException, IOException {
    fleet = new PageFleet(directory);
    browser = new Browser();
  }

  @AfterAll
  void endsIt() {
    try (fleet;
        browser) {
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @BeforeEach
  void opensThePageOfAHealthyFleet() {
    browser.open(fleet.address());
    browser.awaitText("#verdict", NOTHING_LATE);
    browser.awaitText(MAP + "td.fine", "ok");
  }

  @AfterEach
  void complainsOfNothing() {
    assertThat(browser.complaints().stream().filter(text -> !text.contains("401"))).isEmpty();
  }

  @Test
  void showsAllDatabasesOfAHealthyFleet() {
    load();
    assertThat(browser.texts(MAP + "th")).hasSize(14).contains("db01/shop_01", "db02/billing");
    browser.awaitText("#movers tbody", "13 databases");
    browser.awaitText("#workers", "orders, consumer workers: 4 workers");
    browser.awaitText("#dead", "None");
    browser.awaitText("#summary", "1 mover");
    browser.awaitText("#summary", "8 workers");
    browser.awaitText("#rates", "orders: ");
    Await.until(
        "a rate to be seen",
        Duration.ofSeconds(30),
        () ->
            browser.texts("#rates figcaption").stream()
                .anyMatch(text -> text.matches(".*: [1-9].*/s")));
    pictures("healthy");
  }

  @Test
  void showsALaggingQueueFirstAndRedWithinSeconds() {
    var lagging = fleet.shopDatabase(7);
    lagging.registerConsumer("payments", "reports");
    try {
      // The focus goes along when the row moves.
      browser.element("[title='db01/shop_07']").sendKeys("");
      lagging.insertEvents("payments", "new", List.of("1", "2", "3"));
      browser.awaitText(MAP + "tr:first-child th", "db01/shop_07", Duration.ofSeconds(10));
      browser.awaitText("#verdict", "1 queue is late");
      assertThat(browser.focused().getText()).isEqualTo("db01/shop_07");
      var cell = MAP + "tr:first-child td.late";
      assertThat(browser.element(cell).getText()).startsWith("▲");
      // Until the next survey the mover may be behind as far.
      browser.awaitText(cell + "[title*='consumer reports']", "▲");
      assertThat(isRed(cell)).isTrue();
      browser.awaitText(MAP + "tr:first-child td.very-late", "▲▲");
      assertThat(isRed(MAP + "tr:first-child td.very-late")).isTrue();
      pictures("late");
    } finally {
      lagging.execute("select pgq.unregister_consumer('payments', 'reports')");
    }
    browser.awaitText("#verdict", NOTHING_LATE);
  }

  @Test
  void saysThatADatabaseIsDown() {
    fleet.second().stop();
    try {
      browser.awaitText("#verdict", "1 database is down", Duration.ofSeconds(10));
      assertThat(browser.texts(MAP + "tr:first-child th")).containsExactly("db02/billing");
      browser.awaitText(MAP + "tr:first-child td.dead", "down: ");
      browser.awaitText("#attention", "db02/billing");
      pictures("down");
    } finally {
      fleet.second().start();
    }
    browser.awaitText("#verdict", NOTHING_LATE);
  }

  @Test
  void saysThatTheDestinationDoesNotAnswer() throws SQLException {
    browser.awaitText("#summary", "8 workers");
    fleet.main().execute("postgres", "alter database central allow_connections false");
    try {
      fleet
          .main()
          .execute(
              "postgres",
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'central'");
      browser.awaitText("#summary a.bad", "The destination does not answer");
      browser.awaitText("#workers", "not currently accepting connections");
      assertThat(browser.texts("#summary a")).hasSize(1);
    } finally {
      fleet.main().execute("postgres", "alter database central allow_connections true");
    }
    browser.awaitText("#summary", "8 workers", RECOVERY);
  }

  @Test
  void callsNothingFineThatItHasNotLookedAt() {
    assertThat(
            browser.script(
                """
                const {showVerdict} = await import('/page/overview.js');
                const seen = {id: 's/a', role: 'leading', queues: [], surveyed: Date.now()};
                const unseen = {id: 's/b', role: 'leading', queues: []};
                showVerdict({late: 10000, databases: [seen, unseen, {...unseen, id: 's/c'}]});
                return document.querySelector('#verdict').textContent;\
                """))
        .contains("Looking: 2 databases to go")
        .doesNotContain(NOTHING_LATE);
  }

  @Test
  void forgetsAKilledWorkerWithinSeconds() {
    browser.awaitText("#workers", "south_1");
    fleet.process("worker-south").kill9();
    browser.awaitGone("[data-worker^=south]");
    browser.awaitText("#summary", "4 workers");
    browser.awaitText("#workers", "orders, consumer workers: 2 workers");
    fleet.startWorker("south");
    browser.awaitText("#workers", "orders, consumer workers: 4 workers");
  }

  @Test
  void opensADatabaseByKeyboardAndComesBack() {
    browser.resize(Browser.DESKTOP);
    for (var tabs = 0; !browser.focused().getText().equals("db01/shop_02"); tabs++) {
      assertThat(tabs).isLessThan(20);
      browser.focused().sendKeys(Keys.TAB);
    }
    browser.focused().sendKeys(Keys.ENTER);
    browser.awaitText("#detail h2", "db01/shop_02");
    assertThat(browser.focused().getText()).isEqualTo("db01/shop_02");
    browser.awaitText("#detail .body", "pgq_fleet");
    browser.awaitText("#detail .body", "None is open for longer than 2 s");
    pictures("database");
    browser.focused().sendKeys(Keys.ESCAPE);
    browser.awaitText(MAP + "th", "db01/shop_02");
    assertThat(browser.focused().getText()).isEqualTo("db01/shop_02");
  }

  @Test
  void showsALongTransactionAndAnOpenBatch() throws SQLException {
    var database = fleet.shopDatabase(3);
    database.registerConsumer("audit", "archive");
    database.insertEvent("audit", "new", "1");
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      Await.until(
          "a batch",
          Duration.ofSeconds(20),
          () -> database.number("select pgq.next_batch('audit', 'archive')") > 0);
      connection.setAutoCommit(false);
      statement.execute("select pgq.insert_event('audit', 'new', '2')");
      browser.open(fleet.address() + "#/database/db01%2Fshop_03");
      browser.awaitText("#detail .body", "idle in transaction, writes");
      browser.awaitText("#detail .body", "archive");
      pictures("database-sick");
      connection.rollback();
    } finally {
      database.execute("select pgq.unregister_consumer('audit', 'archive')");
    }
  }

  @Test
  void replaysDeadLettersForTheTokenAlone() {
    fleet.shopDatabase(1).insertEvent("orders", "bad", "4711");
    browser.awaitText("#dead .error", "no such customer <b>4711</b>");
    browser.awaitText("#summary a.bad", "1 dead letter");
    browser.element("#dead tbody input").click();
    pictures("dead");
    replay("guess");
    browser.awaitText("#dead .said", "wrong token");
    assertThat(deadLetters()).isEqualTo(1);

    fleet.central().execute("insert into handled values ('mended', '')");
    replay(PageFleet.TOKEN);
    browser.awaitText("#dead .said", "1 of 1 replayed");
    browser.awaitText("#dead", "None");
    Await.until(
        "the event to be handled",
        Duration.ofSeconds(20),
        () -> fleet.central().number("select count(*) from handled where ev_type = 'bad'") == 1);
    assertThat(deadLetters()).isZero();
    fleet.central().execute("delete from handled");
  }

  @Test
  void countsDeadLettersNoFartherThanIsCheap() {
    fleet
        .central()
        .execute(
            """
            insert into pgq_fleet.dead_letter (queue_name, consumer_name, subconsumer_name,
                batch_id, attempts, error, ev_id, ev_time, ev_txid, ev_retry)
            select queue, 'workers', 'x', 1, 1, 'no', number, now(), 1, 0
              from (values ('audit', 10002), ('orders', 3)) queues (queue, most),
                   generate_series(1, most) number\
            """);
    try {
      browser.awaitText("#summary a.bad", "over 10,000 dead letters");
      assertThat(browser.texts("#dead .groups li"))
          .containsExactly(
              "over 10,000 events in audit, of consumer workers",
              "3 events in orders, of consumer workers");
    } finally {
      fleet.central().execute("delete from pgq_fleet.dead_letter");
    }
    browser.awaitText("#dead", "None");
  }

  @Test
  void leavesTheMachineWithNoRequest() {
    assertThat(browser.requests()).contains(fleet.address() + "fleet");
    browser.open(fleet.address() + "#/database/db01%2Fshop_02");
    browser.awaitText("#detail .body", "pgq_fleet");
    assertThat(browser.requests()).allMatch(address -> address.startsWith(fleet.address()));
  }

  @Test
  void saysThatTheConnectionIsLostAndGoesOnByItself() {
    var ticker = fleet.process("ticker");
    ticker.freeze();
    try {
      browser.awaitText("#connection", "Connection lost", Duration.ofSeconds(30));
      browser.screenshot("lost");
    } finally {
      ticker.thaw();
    }
    browser.awaitGone("body.stale");
    browser.awaitText("#verdict", NOTHING_LATE);
  }

  private void replay(String token) {
    browser.element("#dead input[type=password]").clear();
    browser.element("#dead input[type=password]").sendKeys(token, Keys.ENTER);
  }

  private long deadLetters() {
    return fleet.central().number("select count(*) from pgq_fleet.dead_letter");
  }

  private void load() {
    IntStream.rangeClosed(1, 12)
        .forEach(
            number ->
                fleet
                    .shopDatabase(number)
                    .insertEvents(
                        "orders",
                        "new",
                        IntStream.range(0, 50).mapToObj(String::valueOf).toList()));
  }

  /** More red than anything else. */
  private boolean isRed(String cell) {
    return browser.number(
            """
            const cell = document.querySelector('%s');
            const [red, green, blue] = getComputedStyle(cell).backgroundColor.match(/\\d+/g).map(Number);
            return red > 1.5 * green && red > 1.5 * blue ? 1 : 0;\
            """
                .formatted(cell))
        == 1;
  }

  /** Desktop and phone, light and dark; nothing is wider than a phone. */
  private void pictures(String name) {
    for (var scheme : List.of("light", "dark")) {
      browser.scheme(scheme);
      browser.screenshot(name + "-desktop-" + scheme);
      browser.resize(Browser.PHONE);
      Await.until(
          "the page to fit a phone, with names that are whole",
          Duration.ofSeconds(5),
          () ->
              browser.number(
                      """
                      return [document.documentElement,
                          ...document.querySelectorAll('.maps, .scroll, .map tbody th, .plots figure')]
                        .filter((its) => its.scrollWidth > its.clientWidth).length;\
                      """)
                  == 0);
      browser.screenshot(name + "-phone-" + scheme);
      browser.resize(Browser.DESKTOP);
    }
    browser.scheme("light");
  }
}
