package io.github.pgqfleet.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Prometheus that scrapes a ticker, and a browser that has its page open: they ask as often as
 * these do, and oftener for a while before, so that the ticker that is measured has compiled what
 * answers them, as one that runs for days has. Thread-safe.
 */
final class Spectators implements AutoCloseable {

  private static final Duration SCRAPES = Duration.ofSeconds(5);
  private static final Duration OVERVIEWS = Duration.ofSeconds(3);
  private static final Duration WAIT = Duration.ofSeconds(6);
  private static final Duration DETAILS = Duration.ofSeconds(10);

  /** So much oftener they ask at first. */
  private static final int EAGERLY = 20;

  private static final Duration UNTIL_IT_LISTENS = Duration.ofMillis(500);

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI ticker;
  private final long eagerUntil;
  private final AtomicInteger scrapes = new AtomicInteger();
  private final AtomicInteger overviews = new AtomicInteger();
  private final AtomicInteger details = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();

  /** What is asked, and what is to be told of it. */
  @FunctionalInterface
  private interface Asking {
    void ask() throws IOException, InterruptedException;
  }

  /**
   * Begin, whether or not anybody answers yet.
   *
   * @param eagerly for how long they ask oftener
   */
  Spectators(int port, Duration eagerly) {
    eagerUntil = System.nanoTime() + eagerly.toNanos();
    ticker = URI.create("http://127.0.0.1:" + port + "/");
    again("scrape", SCRAPES, () -> count(get("metrics", "Accept-Encoding", "gzip"), scrapes));
    again("overview", OVERVIEWS, new Overviews());
    again("details", DETAILS, new Details());
  }

  static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BenchFailure("no free port: " + e.getMessage());
    }
  }

  /** Fails when any of them never got an answer. */
  void requireAnswers() {
    if (scrapes.get() == 0 || overviews.get() == 0 || details.get() == 0) {
      throw new BenchFailure(
          "the ticker has answered %s scrapes, the page %s times, with details %s times"
              .formatted(scrapes, overviews, details));
    }
  }

  /** Asks for the whole only when it has changed, and waits for that, as the page does. */
  private final class Overviews implements Asking {
    private String tag = "";

    @Override
    public void ask() throws IOException, InterruptedException {
      var answer =
          tag.isEmpty() || isEager()
              ? get("fleet")
              : get("fleet", "If-None-Match", tag, "Prefer", "wait=" + WAIT.toSeconds());
      tag = answer.headers().firstValue("ETag").orElse("");
      count(answer, overviews);
    }
  }

  /** Asks for what the destination knows. */
  private final class Details implements Asking {
    private String destination = "";

    @Override
    public void ask() throws IOException, InterruptedException {
      if (destination.isEmpty()) {
        var overview = new ObjectMapper().readTree(get("fleet").body());
        destination =
            URLEncoder.encode(overview.path("destination").asText(), StandardCharsets.UTF_8);
      }
      count(get("fleet/database?id=" + destination), details);
    }
  }

  private void again(String name, Duration period, Asking asking) {
    threads.add(
        Thread.ofVirtual()
            .name(name)
            .start(
                () -> {
                  try {
                    while (true) {
                      var usual = isEager() ? period.dividedBy(EAGERLY) : period;
                      var pause = ask(asking) ? usual : UNTIL_IT_LISTENS;
                      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
  }

  private boolean isEager() {
    return System.nanoTime() - eagerUntil < 0;
  }

  /** False when nobody listens yet, or any more; the counts tell when nobody ever did. */
  private static boolean ask(Asking asking) throws InterruptedException {
    try {
      asking.ask();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(ticker.resolve(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static void count(HttpResponse<String> answer, AtomicInteger answers) {
    if (answer.statusCode() == 200) {
      answers.incrementAndGet();
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    http.shutdownNow();
  }
}
