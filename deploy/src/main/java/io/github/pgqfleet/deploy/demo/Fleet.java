package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ticker, mover and worker, each a process of its own from its fat jar. Not thread-safe. */
final class Fleet {
  private static final List<String> MODULES = List.of("ticker", "mover", "worker");
  private static final Duration PROVISION_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(1);

  private final DemoDirectory directory;
  private final Map<String, Integer> adminPorts = new LinkedHashMap<>();
  private final Map<String, FleetProcess> processes = new LinkedHashMap<>();

  Fleet(DemoDirectory directory) {
    this.directory = directory;
    MODULES.forEach(module -> adminPorts.put(module, freePort()));
  }

  /** The modules, in the order in which they are provisioned and started. */
  static List<String> modules() {
    return MODULES;
  }

  FleetConf.Admin admin() {
    return new FleetConf.Admin(adminPort("ticker"), adminPort("mover"), adminPort("worker"));
  }

  /** Runs {@code provision} of one jar. */
  void provision(String module) {
    try (FleetProcess provision = builder(module, "provision").start()) {
      if (provision.exitCode(PROVISION_TIMEOUT) != 0) {
        throw new DemoFailure(provision + " failed:\n" + directory.endOfLog(module));
      }
    }
  }

  /** Starts {@code run} of each jar. */
  void start() {
    MODULES.forEach(module -> processes.put(module, builder(module, "run").start()));
  }

  /** Waits until each says that it is ready. */
  void awaitReady() {
    adminPorts.forEach(
        (module, port) ->
            Await.until(
                module + " to be ready, http://127.0.0.1:" + port + "/readyz",
                READY_TIMEOUT,
                () -> {
                  requireRunning();
                  return answersOk(port);
                }));
  }

  /**
   * Looks whether all still run.
   *
   * @throws DemoFailure with the log's end of one that does not
   */
  void requireRunning() {
    processes.forEach(
        (module, process) -> {
          if (!process.isRunning()) {
            throw new DemoFailure(process + " has ended:\n" + directory.endOfLog(module));
          }
        });
  }

  /** Stops all by SIGTERM, the worker first, and expects each to end well. */
  void stop() {
    for (String module : MODULES.reversed()) {
      FleetProcess process = processes.remove(module);
      if (process != null) {
        process.terminate();
        int code = process.exitCode(STOP_TIMEOUT);
        if (code != 0) {
          throw new DemoFailure(
              process + " ended with " + code + ":\n" + directory.endOfLog(module));
        }
      }
    }
  }

  /** The address of the fleet page. */
  String page() {
    return "http://127.0.0.1:" + adminPort("ticker") + "/";
  }

  int adminPort(String module) {
    Integer port = adminPorts.get(module);
    if (port == null) {
      throw new IllegalArgumentException(module);
    }
    return port;
  }

  private FleetProcess.Builder builder(String module, String command) {
    return FleetProcess.ofModule(module)
        .jvmOptions("-Xmx256m")
        .arguments(command, "--config", directory.fleetConf().toString())
        .directory(directory.path())
        .log(directory.log(module));
  }

  private static boolean answersOk(int port) throws IOException {
    var connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port + "/readyz").toURL().openConnection();
    connection.setConnectTimeout(1000);
    connection.setReadTimeout(5000);
    try {
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } finally {
      connection.disconnect();
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("No free port", e);
    }
  }
}
