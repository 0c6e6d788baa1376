package io.github.pgqfleet.lifecycle;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd, or whoever else listens in its way, how the daemon fares: see sd_notify(3). Where
 * nobody does, nothing happens. A notification that cannot be sent is logged, and costs nothing
 * else. Used by the daemon's thread alone.
 */
final class ServiceManager {

  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

  private final @Nullable NotifySocket socket;
  private final Optional<Duration> watchdog;

  /**
   * @param environment the process's
   */
  ServiceManager(Map<String, String> environment) {
    var address = environment.getOrDefault("NOTIFY_SOCKET", "");
    this.socket = address.isEmpty() ? null : new NotifySocket(address);
    this.watchdog = socket == null ? Optional.empty() : watchdog(environment);
  }

  private static Optional<Duration> watchdog(Map<String, String> environment) {
    var micros = environment.get("WATCHDOG_USEC");
    var pid = environment.get("WATCHDOG_PID");
    var isOurs = pid == null || pid.equals(Long.toString(ProcessHandle.current().pid()));
    if (micros == null || !isOurs) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros), 1000L)))
          .filter(Duration::isPositive);
    } catch (NumberFormatException | ArithmeticException e) {
      log.warn("event=watchdog_off WATCHDOG_USEC=\"{}\"", micros);
      return Optional.empty();
    }
  }

  /** The time within which it wants to be told that all is well, if it does. */
  Optional<Duration> watchdog() {
    return watchdog;
  }

  /** Everything is started. */
  void ready() {
    send("READY=1");
  }

  /** The configuration is being read again; {@link #ready} tells that this is over. */
  void reloading() {
    // The time is asked for by units of Type=notify-reload.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  void stopping() {
    send("STOPPING=1");
  }

  /** The process is sound. */
  void isWell() {
    send("WATCHDOG=1");
  }

  private void send(String state) {
    if (socket != null) {
      try {
        socket.send(state);
      } catch (IOException e) {
        log.warn("event=notification_failed state=\"{}\" error=\"{}\"", state, e.getMessage());
      }
    }
  }
}
