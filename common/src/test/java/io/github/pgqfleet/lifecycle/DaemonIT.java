package io.github.pgqfleet.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.NotifyReceiver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager is told of a daemon. */
@Timeout(60)
class DaemonIT {

  private static final Duration DEADLINE = Duration.ofSeconds(5);

  @TempDir private Path directory;

  /** Responds so many times, and then hangs; ends of itself a while later. */
  private static final class Hanging implements Daemon.Application {

    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger questions = new AtomicInteger();
    private final int answers;

    Hanging(int answers) {
      this.answers = answers;
    }

    @Override
    public void start() {}

    @Override
    public boolean stop(Duration deadline) {
      return true;
    }

    @Override
    public boolean responds(Duration within) {
      var asked = questions.incrementAndGet();
      if (asked == answers + 3) {
        end.countDown();
      }
      return asked <= answers;
    }

    @Override
    public void awaitEnd() throws InterruptedException {
      end.await();
    }
  }

  @Test
  void sendsBeatsAsLongAsTheApplicationResponds() throws Exception {
    try (var receiver = NotifyReceiver.bind(directory.resolve("notify").toString(), directory)) {
      assertThat(run(new Hanging(2), receiver)).isZero();

      assertThat(receiver.await("the end", lines -> lines.contains("STOPPING=1")))
          .containsExactly("READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1");
    }
  }

  @Test
  void knowsSocketsWithoutAPath() throws Exception {
    var name = "@pgq-fleet test " + ProcessHandle.current().pid();
    try (var receiver = NotifyReceiver.bind(name, directory)) {
      run(new Hanging(0), receiver);

      assertThat(receiver.await("the end", lines -> lines.contains("STOPPING=1")))
          .containsExactly("READY=1", "STOPPING=1");
    }
  }

  @Test
  void goesOnWhereNobodyListens() throws Exception {
    var nowhere = directory.resolve("nowhere").toString();
    assertThatThrownBy(() -> new NotifySocket(nowhere).send("READY=1"))
        .isInstanceOf(IOException.class)
        .hasMessage("sendto: errno 2");

    var environment = Map.of("NOTIFY_SOCKET", nowhere, "WATCHDOG_USEC", "30000");
    assertThat(daemon(new Hanging(0), environment).run()).isZero();
  }

  @Test
  void sendsNoBeatsForAnotherProcess() {
    var manager =
        new ServiceManager(
            Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "30000", "WATCHDOG_PID", "1"));
    assertThat(manager.watchdog()).isEmpty();
  }

  @Test
  void takesAnEmptySettingForNone() {
    var environment = Map.of("NOTIFY_SOCKET", "", "WATCHDOG_USEC", "30000");
    assertThat(new ServiceManager(environment).watchdog()).isEmpty();
    assertThat(new ServiceManager(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "0")).watchdog())
        .isEmpty();
  }

  private static int run(Hanging application, NotifyReceiver receiver) throws Exception {
    var environment = Map.of("NOTIFY_SOCKET", receiver.address(), "WATCHDOG_USEC", "30000");
    return daemon(application, environment).run();
  }

  private static Daemon daemon(Hanging application, Map<String, String> environment) {
    return new Daemon(() -> () -> application, DEADLINE, environment);
  }
}
