package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.metrics.Hosts;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests for the page and for what it shows. Thread-safe.
 *
 * <ul>
 *   <li>{@code /}, {@code /page/…}, {@code /webjars/…}: the page itself.
 *   <li>{@code /fleet}: an {@link Overview}. With {@code If-None-Match} and {@code Prefer: wait=5}
 *       the answer comes when there is something new, or after five seconds (RFC 7240).
 *   <li>{@code /fleet/database?id=server/name}: what that database answers, and its rates.
 *   <li>{@code POST /fleet/replay}, {@code {"ids": […]}} and {@code Authorization: Bearer TOKEN}.
 * </ul>
 */
public final class FleetPage implements HttpHandler, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FleetPage.class);

  /** The time of this host, from which the page counts ages. */
  private static final String NOW = "X-Fleet-Now";

  private static final Pattern WAIT = Pattern.compile("wait=(\\d{1,4})");

  /** Shorter than an {@link Audience} is taken to be there. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

  /** How often it is looked whether there is something new for whoever waits, at the most. */
  private static final Duration NEWS_EVERY = Duration.ofSeconds(3);

  private static final int LARGEST_REQUEST = 64 * 1024;
  private static final int MOST_REPLAYED = 1000;

  private final Hosts hosts;
  private final Supplier<List<Standing>> standings;
  private final Surveys surveys;
  private final Overview overview;
  private final Answers answers;
  private final Replay replay;
  private final InstantSource clock = InstantSource.system();
  private final Assets assets = new Assets();
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param standings how all databases stand now, from memory
   * @param sessions for what is asked on demand
   */
  public FleetPage(
      PageConfig config,
      AdminConfig admin,
      Database destination,
      Supplier<List<Standing>> standings,
      Surveys surveys,
      Health health,
      Sessions sessions) {
    this.hosts = Hosts.of(admin);
    this.standings = standings;
    this.surveys = surveys;
    this.overview = new Overview(destination.id(), config, standings, surveys, health, clock);
    this.answers = new Answers(destination, sessions);
    this.replay = new Replay(config, answers);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (SQLException e) {
        reply = Reply.because(502, String.valueOf(Pools.reason(e).getMessage()));
      } catch (RuntimeException e) {
        log.error("event=page_failed path={}", exchange.getRequestURI().getPath(), e);
        reply = Reply.because(500, "this failed; the ticker's log says why");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        reply = Reply.because(503, "the ticker stops");
      }
      exchange.getResponseHeaders().set(NOW, Long.toString(clock.millis()));
      reply.send(exchange);
    }
  }

  private Reply reply(HttpExchange exchange)
      throws IOException, SQLException, InterruptedException {
    var path = exchange.getRequestURI().getPath();
    return switch (exchange.getRequestMethod()) {
      case "GET", "HEAD" ->
          switch (path) {
            case "/fleet" -> fleet(exchange);
            case "/fleet/database" -> database(exchange);
            default -> assets.at(path).map(Reply::of).orElse(Reply.because(404, "nothing is here"));
          };
      case "POST" ->
          path.equals("/fleet/replay") ? replay(exchange) : Reply.because(404, "nothing is here");
      default -> Reply.because(405, "only GET and POST");
    };
  }

  private Reply fleet(HttpExchange exchange) throws IOException, InterruptedException {
    surveys.areAskedFor();
    var known = exchange.getRequestHeaders().getFirst("If-None-Match");
    var until = clock.instant().plus(wait(exchange));
    var tag = tag();
    while (tag.equals(known) && clock.instant().isBefore(until)) {
      var left = Duration.between(clock.instant(), until);
      Thread.sleep(left.compareTo(NEWS_EVERY) < 0 ? left : NEWS_EVERY);
      tag = tag();
    }
    exchange.getResponseHeaders().set("ETag", tag);
    return tag.equals(known)
        ? Reply.notModified()
        : Reply.json(json.writeValueAsString(overview.fleet()));
  }

  private String tag() {
    return '"' + overview.version() + '"';
  }

  /** How long whoever asks would rather wait than be told that nothing is new. */
  private static Duration wait(HttpExchange exchange) {
    var prefer = exchange.getRequestHeaders().getFirst("Prefer");
    var wait = prefer == null ? null : WAIT.matcher(prefer);
    return wait != null && wait.matches()
        ? Duration.ofSeconds(Math.min(Integer.parseInt(wait.group(1)), LONGEST_WAIT.toSeconds()))
        : Duration.ZERO;
  }

  private Reply database(HttpExchange exchange) throws IOException, InterruptedException {
    surveys.areAskedFor();
    var id = parameter(exchange.getRequestURI(), "id");
    var database =
        standings.get().stream()
            .map(Standing::database)
            .filter(known -> known.id().equals(id))
            .findFirst();
    if (database.isEmpty()) {
      return Reply.because(404, "this ticker knows no such database");
    }
    var rates = overview.graph(surveys.of(database.get().id()).stream().toList());
    return Reply.json(
        "{\"rates\":%s,\"answer\":%s}"
            .formatted(json.writeValueAsString(rates), answers.of(database.get())));
  }

  /** The value of the query's one parameter; empty when it is not there. */
  private static String parameter(URI uri, String name) {
    var query = uri.getRawQuery();
    return query != null && query.startsWith(name + "=")
        ? URLDecoder.decode(query.substring(name.length() + 1), StandardCharsets.UTF_8)
        : "";
  }

  private Reply replay(HttpExchange exchange) throws IOException, SQLException {
    var headers = exchange.getRequestHeaders();
    var origin = headers.getFirst("Origin");
    if (origin != null && !hosts.allow(origin.replaceFirst("^https?://", ""))) {
      return Reply.because(403, "not from another site");
    }
    if (!replay.isOffered()) {
      return Reply.because(404, "set page.replay-token-env in the ticker's configuration");
    }
    var authorization = headers.getFirst("Authorization");
    if (authorization == null
        || !authorization.startsWith("Bearer ")
        || !replay.isAllowedTo(authorization.substring("Bearer ".length()))) {
      log.warn("event=replay_refused from={}", exchange.getRemoteAddress());
      return Reply.because(401, "wrong token");
    }
    var ids = ids(exchange);
    if (ids.isEmpty()) {
      return Reply.because(400, "name 1 to " + MOST_REPLAYED + " ids");
    }
    var replayed = replay.replay(ids);
    log.info(
        "event=replayed chosen={} replayed={} from={}",
        ids.size(),
        replayed,
        exchange.getRemoteAddress());
    return Reply.json("{\"chosen\":%d,\"replayed\":%d}".formatted(ids.size(), replayed));
  }

  /** None when the request is not as it should be. */
  private List<Long> ids(HttpExchange exchange) throws IOException {
    JsonNode request;
    try {
      request = json.readTree(exchange.getRequestBody().readNBytes(LARGEST_REQUEST));
    } catch (JsonProcessingException e) {
      return List.of();
    }
    var ids = new ArrayList<Long>();
    for (var id : request.path("ids")) {
      if (!id.isIntegralNumber() || !id.canConvertToLong() || ids.size() == MOST_REPLAYED) {
        return List.of();
      }
      ids.add(id.longValue());
    }
    return ids;
  }

  @Override
  public void close() {
    answers.close();
  }
}
