package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.fixture.FaultProxy;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One of the workers: a process, and its own way to the cluster. Thread-safe. */
final class CampaignWorker implements AutoCloseable {

  private final String name;
  private final FaultProxy proxy;
  private final Path config;
  private final Path log;
  private FleetProcess process;

  CampaignWorker(String name, Path directory, PrivateCluster cluster) throws IOException {
    this.name = name;
    this.proxy = FaultProxy.to(cluster.host(), cluster.port());
    this.log = directory.resolve(name + ".log");
    this.config =
        Files.writeString(
            directory.resolve(name + ".conf"),
            CampaignFleet.config(proxy.port()) + settings(name, directory));
    this.process = start();
  }

  /** The part {@code worker} of the configuration. */
  static String settings(String name, Path directory) {
    return """
        worker {
          instance = %s
          handlers-directory = "%s"
          dead-interval = 700ms
          heartbeat-interval = 150ms
          poll-interval = 150ms
          statement-timeout = 10s
          retry { attempts = %d, first-delay = 100ms, longest-delay = 300ms }
          fetch-size = 20
          admin.enabled = false
          queues {
            orders { workers = 2, handler { type = java, name = campaign } }
            returns { workers = 2, handler { type = java, name = campaign, settings { by = batch } } }
            payments { workers = 2, handler { type = sql, function = campaign_handle } }
          }
        }
        """
        .formatted(name, directory, Audit.ATTEMPTS);
  }

  private FleetProcess start() {
    return FleetProcess.ofModule("worker")
        .jvmOptions("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m")
        .arguments("run", "--config", config.toString())
        .log(log)
        .start();
  }

  String name() {
    return name;
  }

  FaultProxy proxy() {
    return proxy;
  }

  synchronized void killAndStart() {
    process.kill9();
    proxy.cutAll();
    process = start();
  }

  synchronized void freeze() {
    process.freeze();
  }

  synchronized void thaw() {
    process.thaw();
  }

  /** What it and those before it have printed. */
  synchronized String output() {
    return process.output();
  }

  @Override
  public synchronized void close() {
    process.close();
    proxy.close();
  }
}
