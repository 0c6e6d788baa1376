package io.github.pgqfleet.deploy.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks for {@code /metrics} again and again, as Prometheus does. Thread-safe. */
final class Scraper implements AutoCloseable {

  static final Duration PERIOD = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpRequest request;
  private final AtomicInteger scrapes = new AtomicInteger();
  private final Thread thread;

  /** Begins, whether or not anybody answers yet. */
  Scraper(int port) {
    request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
    thread = Thread.ofVirtual().name("scraper").start(this::run);
  }

  static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BenchFailure("no free port: " + e.getMessage());
    }
  }

  /** How many times it was answered. */
  int scrapes() {
    return scrapes.get();
  }

  private void run() {
    try {
      while (true) {
        scrape();
        TimeUnit.NANOSECONDS.sleep(PERIOD.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void scrape() throws InterruptedException {
    try {
      if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
        scrapes.incrementAndGet();
      }
    } catch (IOException e) {
      // Nobody listens yet, or any more; the count tells when nobody ever did.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    http.shutdownNow();
  }
}
