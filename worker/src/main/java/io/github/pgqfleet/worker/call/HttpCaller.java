package io.github.pgqfleet.worker.call;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.call.EncodedEvents.Encoded;
import io.github.pgqfleet.worker.call.StatusRules.Trouble;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Posts events as JSON to an HTTP endpoint: {@code {"queue", "consumer", "batch", "events":
 * [...]}}, or with one request an event {@code "event": {...}} in place of the list. Events are as
 * in {@link EncodedEvents}; an answer of success may name failed ones, see {@link Answer}.
 */
public final class HttpCaller implements EventCaller {

  private static final int LONGEST_ANSWER = 4 << 20;

  private final URI url;
  private final String name;
  private final HttpOptions options;
  private final HttpClient client;
  private final Semaphore inFlight;
  private final RetryAfter retryAfter = new RetryAfter(InstantSource.system());

  public HttpCaller(URI url, HttpOptions options) {
    this.url = url;
    this.name = name(url);
    this.options = options;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(options.connectTimeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            // No attempt at an upgrade, which not every server without TLS takes well.
            .version("https".equals(url.getScheme()) ? Version.HTTP_2 : Version.HTTP_1_1)
            .build();
    this.inFlight = new Semaphore(options.maxInFlight());
  }

  /** An address as it may be shown: without what stands behind its path, which may be secret. */
  public static String name(URI url) {
    var port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return url.getScheme() + "://" + url.getHost() + port + url.getPath();
  }

  @Override
  public int eventsPerCall() {
    return options.eventsPerCall();
  }

  @Override
  public Duration pause() {
    return retryAfter.left();
  }

  @Override
  public Called call(CalledBatch batch, List<Event> events) throws InterruptedException {
    var encoded = EncodedEvents.of(events, options.decode());
    return switch (options.per()) {
      case BATCH -> encoded.give(all -> sendTogether(batch, all));
      case EVENT -> encoded.giveEach(options.concurrency(), one -> sendOne(batch, one));
    };
  }

  private List<Failure> sendTogether(CalledBatch batch, List<Encoded> events)
      throws UnavailableException, InterruptedException {
    var body = envelope(batch);
    var list = body.putArray("events");
    events.forEach(event -> list.add(event.json()));
    return send(body, events);
  }

  private List<Failure> sendOne(CalledBatch batch, Encoded event)
      throws UnavailableException, InterruptedException {
    var body = envelope(batch);
    body.set("event", event.json());
    return send(body, List.of(event));
  }

  private static ObjectNode envelope(CalledBatch batch) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("queue", batch.id().queue())
        .put("consumer", batch.id().consumer())
        .put("batch", batch.batchId());
  }

  private List<Failure> send(ObjectNode body, List<Encoded> events)
      throws UnavailableException, InterruptedException {
    inFlight.acquire();
    try {
      if (!retryAfter.left().isZero()) {
        throw new UnavailableException(name + " has asked not to be called for a while");
      }
      var answer = exchange(EncodedEvents.bytes(body));
      int status = answer.statusCode();
      var verdict = options.rules().of(status);
      if (verdict == Verdict.HANDLED) {
        return Answer.failures(answer.body(), events, name);
      }
      answer.headers().firstValue("Retry-After").ifPresent(retryAfter::heed);
      return failures(verdict, "answers " + status, events, null);
    } catch (HttpConnectTimeoutException | ConnectException | SSLException e) {
      // With a certificate that has run out no event has got there, and none is to blame.
      return failures(options.rules().of(Trouble.UNREACHABLE), "cannot be reached", events, e);
    } catch (HttpTimeoutException | TimeoutException e) {
      var what = "did not answer within " + options.timeout().toMillis() + " ms";
      return failures(options.rules().of(Trouble.TIMEOUT), what, events, e);
    } catch (IOException e) {
      return failures(options.rules().of(Trouble.DISCONNECT), "broke off", events, e);
    } finally {
      inFlight.release();
    }
  }

  /** Once more where it broke off: the server may just have closed a connection that rested. */
  private HttpResponse<String> exchange(byte[] body)
      throws IOException, TimeoutException, InterruptedException {
    try {
      return exchangeOnce(body);
    } catch (HttpTimeoutException | ConnectException e) {
      throw e;
    } catch (IOException e) {
      return exchangeOnce(body);
    }
  }

  private HttpResponse<String> exchangeOnce(byte[] body)
      throws IOException, TimeoutException, InterruptedException {
    var request =
        HttpRequest.newBuilder(url)
            .timeout(options.timeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    options.headers().forEach(request::setHeader);
    var answer =
        client.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), LONGEST_ANSWER));
    try {
      // The request's own timeout ends with the answer's headers.
      return answer.get(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(e.getCause());
    } finally {
      // Ends the exchange, if it is still going on.
      answer.cancel(true);
    }
  }

  private List<Failure> failures(
      Verdict verdict, String what, List<Encoded> events, @Nullable Exception cause)
      throws UnavailableException {
    var error = name + " " + what;
    return switch (verdict) {
      case RETRY -> EncodedEvents.failed(events, error, false);
      case DEAD -> EncodedEvents.failed(events, error, true);
      case WAIT, HANDLED ->
          throw (cause == null
              ? new UnavailableException(error + "; see whether it works, and handler.wait-on")
              : new UnavailableException(error + "; see whether it works", cause));
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
