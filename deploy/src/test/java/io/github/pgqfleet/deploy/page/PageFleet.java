package io.github.pgqfleet.deploy.page;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A small fleet from the fat jars: two servers, one of them to be stopped, a ticker, a mover, and
 * two workers. Handling an event of type {@code bad} fails, for good at once. For one thread.
 */
final class PageFleet implements AutoCloseable {

  static final String TOKEN = "let-me-replay";

  private static final List<String> QUEUES = List.of("orders", "payments", "audit");
  private static final int DATABASES = 12;

  /** As README.md says, for the page must not need more. */
  private static final String TICKERS_ROLE =
      """
      create role pgq_ticker login;
      grant pgq_admin, pg_monitor to pgq_ticker;\
      """;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path directory;
  private final PrivateCluster main = PrivateCluster.builder().maxConnections(400).start();
  private final PrivateCluster second = PrivateCluster.builder().start();
  private final List<FleetProcess> processes = new ArrayList<>();
  private final int port = freePort();

  PageFleet(Path directory) throws SQLException, IOException {
    this.directory = directory;
    for (var number : IntStream.rangeClosed(1, DATABASES).toArray()) {
      main.createDatabase(shop(number));
    }
    main.createDatabase("central");
    second.createDatabase("billing");
    main.execute(
        "central",
        """
        create table handled (ev_type text, ev_data text);
        create function handle(
            ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer, ev_type text,
            ev_data text, ev_extra1 text, ev_extra2 text, ev_extra3 text, ev_extra4 text)
        returns void language plpgsql as $$
        begin
          if ev_type = 'bad' and not exists (select from handled h where h.ev_type = 'mended') then
            raise exception 'no such customer <b>%</b>', ev_data;
          end if;
          insert into handled values (ev_type, ev_data);
        end
        $$\
        """);
    Files.writeString(directory.resolve("fleet.conf"), conf());
    provision("ticker");
    provision("mover");
    provision("worker");
    main.execute("central", TICKERS_ROLE);
    second.execute("billing", TICKERS_ROLE);
    start("ticker", "ticker", "FLEET_USER", "pgq_ticker");
    start("mover", "mover");
    startWorker("north");
    startWorker("south");
    awaitReady();
  }

  /** The name of a source database. */
  static String shop(int number) {
    return "shop_%02d".formatted(number);
  }

  String address() {
    return "http://127.0.0.1:" + port + "/";
  }

  PrivateCluster main() {
    return main;
  }

  PrivateCluster second() {
    return second;
  }

  TestDatabase shopDatabase(int number) {
    return TestDatabase.at(main.jdbcUrl(shop(number)));
  }

  TestDatabase central() {
    return TestDatabase.at(main.jdbcUrl("central"));
  }

  FleetProcess startWorker(String instance) {
    return start("worker", "worker-" + instance, "WORKER_INSTANCE", instance);
  }

  FleetProcess process(String name) {
    return processes.stream()
        .filter(process -> process.isRunning() && process.log().endsWith(name + ".log"))
        .findFirst()
        .orElseThrow();
  }

  private String conf() {
    return """
    fleet {
      queues { %s }
      queue-defaults { ticker-max-lag = 200ms, ticker-idle-period = 5s }
      connection { user = postgres, user = ${?FLEET_USER}, ssl-mode = disable, connect-timeout = 3s }
      servers {
        db01 { host = "127.0.0.1", port = %d, databases = ["shop_*"] }
        db02 { host = "127.0.0.1", port = %d, databases = [billing] }
      }
      destination { host = "127.0.0.1", port = %d, database = central }
    }
    ticker {
      period = 200ms
      retry-period = 1s
      admin.port = %d
      page { late = 3s, replay-token-env = REPLAY_TOKEN }
    }
    mover { admin.enabled = false, poll-interval = 500ms }
    worker {
      instance = ${?WORKER_INSTANCE}
      admin.enabled = false
      retry.attempts = 1
      queues {
        orders { workers = 2, handler { type = sql, function = handle } }
        payments { workers = 1, handler { type = sql, function = handle } }
        audit { workers = 1, handler { type = sql, function = handle } }
      }
    }
    """
        .formatted(
            String.join(", ", QUEUES.stream().map(queue -> queue + " {}").toList()),
            main.port(),
            second.port(),
            main.port(),
            port);
  }

  private void provision(String module) {
    try (var process = builder(module, "provision", module + "-provision").start()) {
      if (process.exitCode(PATIENCE) != 0) {
        throw new AssertionError(process.output());
      }
    }
  }

  private FleetProcess start(String module, String name, String... environment) {
    var builder = builder(module, "run", name);
    for (var i = 0; i < environment.length; i += 2) {
      builder.environment(environment[i], environment[i + 1]);
    }
    var process = builder.start();
    processes.add(process);
    return process;
  }

  private FleetProcess.Builder builder(String module, String command, String name) {
    return FleetProcess.ofModule(module)
        .arguments(command, "--config", directory.resolve("fleet.conf").toString())
        .environment("REPLAY_TOKEN", TOKEN)
        .directory(directory)
        .log(directory.resolve(name + ".log"));
  }

  private void awaitReady() {
    var client = HttpClient.newHttpClient();
    var request = HttpRequest.newBuilder(URI.create(address() + "readyz")).build();
    Await.until(
        "the ticker to be ready",
        PATIENCE,
        () -> client.send(request, BodyHandlers.discarding()).statusCode() == 200);
    var queues = (DATABASES + 1) * QUEUES.size();
    Await.until(
        "active positions of " + queues + " queues",
        PATIENCE,
        () ->
            central().number("select count(*) from pgq_fleet.position where state = 'active'")
                == queues);
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(FleetProcess::close);
    main.close();
    second.close();
  }
}
