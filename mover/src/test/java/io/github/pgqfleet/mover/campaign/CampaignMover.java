package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.FaultProxy;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.Trap;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** One of the two movers: a process, and its own way to each of the clusters. Thread-safe. */
final class CampaignMover implements AutoCloseable {

  private final FaultProxy source;
  private final FaultProxy destination;
  private final Path config;
  private final Path log;
  private FleetProcess process;

  /**
   * @param settings more lines of its part of the configuration
   */
  CampaignMover(
      String name,
      Path directory,
      PrivateCluster source,
      PrivateCluster destination,
      String settings)
      throws IOException {
    this.source = FaultProxy.to(source.host(), source.port());
    this.destination = FaultProxy.to(destination.host(), destination.port());
    this.log = directory.resolve(name + ".log");
    this.config =
        Files.writeString(
            directory.resolve(name + ".conf"),
            CampaignFleet.commonConfig(this.source.port(), this.destination.port())
                + """
                mover {
                  poll-interval = 200ms
                  heartbeat = 500ms
                  finish-delay = 200ms
                  idle-finish-delay = 500ms
                  admin.port = 0
                  %s
                }
                """
                    .formatted(settings));
    this.process = start();
  }

  Path config() {
    return config;
  }

  private FleetProcess start() {
    return FleetProcess.ofModule("mover")
        .jvmOptions("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .arguments("run", "--config", config.toString())
        .log(log)
        .start();
  }

  void arm(Trap trap, boolean atSource) {
    (atSource ? source : destination).arm(trap);
  }

  boolean owns(FaultProxy proxy) {
    return proxy == source || proxy == destination;
  }

  FaultProxy source() {
    return source;
  }

  FaultProxy destination() {
    return destination;
  }

  synchronized void killAndStart() {
    process.kill9();
    cutAll();
    process = start();
  }

  synchronized void freeze() {
    process.freeze();
  }

  synchronized void thaw() {
    process.thaw();
  }

  void cutAll() {
    source.cutAll();
    destination.cutAll();
  }

  /** What it and those before it have printed. */
  synchronized String output() {
    return process.output();
  }

  /** The status of {@code /healthz}; what is wrong, where it is not 200. */
  String health() throws IOException, InterruptedException {
    var listening = "event=admin_listening address=";
    var address =
        output()
            .lines()
            .filter(line -> line.contains(listening))
            .reduce((first, last) -> last)
            .orElseThrow();
    var url = "http:/" + address.substring(address.indexOf(listening) + listening.length());
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(url + "/healthz"))
              .timeout(Duration.ofSeconds(5))
              .build();
      var answer = client.send(request, BodyHandlers.ofString());
      return answer.statusCode() == 200 ? "200" : answer.statusCode() + " " + answer.body();
    }
  }

  @Override
  public synchronized void close() {
    process.close();
    source.close();
    destination.close();
  }
}
