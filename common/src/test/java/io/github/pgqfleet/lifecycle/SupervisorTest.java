package io.github.pgqfleet.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.fixture.Await;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SupervisorTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration NO_TIME = Duration.ofMillis(1);

  private final Health health = new Health(InstantSource.system());
  private final Supervisor supervisor = new Supervisor(health, new Counter());

  @AfterEach
  void stop() throws InterruptedException {
    supervisor.stop(PATIENCE);
  }

  /** What a test's service does. */
  private interface Body {
    void run(ServiceContext context) throws Exception;
  }

  private static Service service(String name, boolean interruptible, Body body) {
    return new Service() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public boolean interruptible() {
        return interruptible;
      }

      @Override
      public void run(ServiceContext context) throws Exception {
        body.run(context);
      }
    };
  }

  /** One that goes on until it is interrupted, which is not done before it must be. */
  private static Service stuck(CountDownLatch started, CountDownLatch interrupted) {
    return service(
        "stuck",
        false,
        context -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
        });
  }

  @Test
  void runsAFailedServiceAgainAndNamesItInHealthMeanwhile() throws Exception {
    var runs = new AtomicInteger();
    var recover = new CountDownLatch(1);
    supervisor.start(
        service(
            "sick",
            true,
            context -> {
              if (runs.incrementAndGet() < 3) {
                throw new IllegalStateException("no luck");
              }
              recover.await();
              context.succeeded();
              context.sleep(PATIENCE);
            }));
    Await.until("a report", PATIENCE, () -> health.problems().containsKey("sick"));
    assertThat(health.problems().values()).extracting(Health.Problem::what).contains("no luck");
    recover.countDown();
    Await.until("recovery", PATIENCE, () -> health.problems().isEmpty());
    assertThat(runs).hasValue(3);
  }

  @Test
  void survivesAnErrorAndNamesIt() {
    supervisor.start(
        service(
            "broken",
            true,
            context -> {
              throw new NoClassDefFoundError("handler/Missing");
            }));
    Await.until("a report", PATIENCE, () -> health.problems().containsKey("broken"));
    assertThat(supervisor.isRunning("broken")).isTrue();
  }

  @Test
  void runsAServiceAgainThatWasInterruptedByNoStop() {
    var runs = new AtomicInteger();
    supervisor.start(
        service(
            "interrupted from within",
            false,
            context -> {
              if (runs.incrementAndGet() < 3) {
                Thread.currentThread().interrupt();
                throw new InterruptedException("by a library");
              }
              context.sleep(PATIENCE);
            }));
    Await.until("a third run", PATIENCE, () -> runs.get() == 3);
    assertThat(health.problems()).containsKey("interrupted from within");
  }

  @Test
  void letsWorkUnderWayFinishWithinTheDeadline() throws Exception {
    var started = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    var finished = new CountDownLatch(1);
    supervisor.start(
        service(
            "busy",
            false,
            context -> {
              started.countDown();
              finish.await();
              finished.countDown();
            }));
    started.await();
    Thread.ofVirtual().start(finish::countDown);
    assertThat(supervisor.stop(PATIENCE)).isTrue();
    assertThat(finished.getCount()).isZero();
  }

  @Test
  void interruptsWhatStillRunsAtTheDeadline() throws Exception {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    supervisor.start(stuck(started, interrupted));
    started.await();
    assertThat(supervisor.stop(NO_TIME)).isFalse();
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void isNotHeldUpWhereCuttingOffHangsOrFails() throws Exception {
    var started = new CountDownLatch(2);
    var cuts = new CountDownLatch(2);
    var answer = new CompletableFuture<@Nullable Void>();
    supervisor.start(
        cut(
            "hangs",
            started,
            () -> {
              cuts.countDown();
              answer.join();
            }));
    supervisor.start(
        cut(
            "fails",
            started,
            () -> {
              cuts.countDown();
              throw new IllegalStateException("on purpose");
            }));
    started.await();

    assertThat(supervisor.stop(NO_TIME)).isFalse();
    assertThat(cuts.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(supervisor.isRunning("hangs")).isFalse();
    assertThat(supervisor.isRunning("fails")).isFalse();
    answer.complete(null);
  }

  /** One that goes on until it is interrupted, and is cut off in such a way. */
  private static Service cut(String name, CountDownLatch started, Runnable cut) {
    return new Service() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void run(ServiceContext context) throws Exception {
        started.countDown();
        new CountDownLatch(1).await();
      }

      @Override
      public void cutOff() {
        cut.run();
      }
    };
  }

  @Test
  void interruptsAtOnceWhatMayBe() throws Exception {
    var started = new CountDownLatch(1);
    supervisor.start(
        service(
            "waiting",
            true,
            context -> {
              started.countDown();
              new CountDownLatch(1).await();
            }));
    started.await();
    assertThat(supervisor.stop(PATIENCE)).isTrue();
  }

  @Test
  void stopsTwiceAndWithoutAStart() throws Exception {
    assertThat(supervisor.stop(NO_TIME)).isTrue();
    assertThat(supervisor.stop(NO_TIME)).isTrue();
  }

  @Test
  void startsNothingAfterAStop() throws Exception {
    supervisor.stop(NO_TIME);
    supervisor.start(service("late", true, context -> context.sleep(PATIENCE)));
    assertThat(supervisor.isRunning("late")).isFalse();
  }

  @Test
  void refusesASecondServiceOfTheSameName() {
    supervisor.start(service("one", true, context -> context.sleep(PATIENCE)));
    assertThatThrownBy(
            () -> supervisor.start(service("one", true, context -> context.sleep(PATIENCE))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one");
  }

  @Test
  void releasesOneServiceAndMayStartItAgain() {
    supervisor.start(service("one", true, context -> context.sleep(PATIENCE)));
    supervisor.release("one");
    Await.until("its end", PATIENCE, () -> !supervisor.isRunning("one"));
    supervisor.start(service("one", true, context -> context.sleep(PATIENCE)));
    assertThat(supervisor.isRunning("one")).isTrue();
  }

  @Test
  void startsASuccessorWhenTheReleasedServiceHasEnded() throws Exception {
    var started = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    var order = new ConcurrentLinkedQueue<String>();
    supervisor.start(
        service(
            "one",
            false,
            context -> {
              started.countDown();
              finish.await();
              order.add("first");
            }));
    started.await();
    supervisor.release("one");
    var second = new CountDownLatch(1);
    supervisor.start(
        service(
            "one",
            true,
            context -> {
              order.add("second");
              second.countDown();
            }));
    finish.countDown();
    second.await();
    assertThat(order).containsExactly("first", "second");
  }

  @Test
  void dropsASuccessorThatIsReleasedBeforeItBegins() throws Exception {
    var finish = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    supervisor.start(
        service(
            "one",
            false,
            context -> {
              started.countDown();
              finish.await();
            }));
    started.await();
    supervisor.release("one");
    var begun = new CountDownLatch(1);
    supervisor.start(service("one", true, context -> begun.countDown()));
    supervisor.release("one");
    finish.countDown();
    Await.until("its end", PATIENCE, () -> !supervisor.isRunning("one"));
    assertThat(begun.getCount()).isOne();
  }

  @Test
  void interruptsAReleasedServiceAtItsDeadline() throws Exception {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    supervisor.start(stuck(started, interrupted));
    // One that is released before it has begun never runs.
    started.await();
    supervisor.release("stuck", NO_TIME);
    Await.until("the interruption", PATIENCE, () -> interrupted.getCount() == 0);
    Await.until("its end", PATIENCE, () -> !supervisor.isRunning("stuck"));
  }

  @Test
  void respondsUnlessNoVirtualThreadGetsToRun() throws Exception {
    var within = Duration.ofMillis(300);
    assertThat(supervisor.responds(PATIENCE)).isTrue();

    var released = new AtomicBoolean();
    var busy = new ArrayList<Thread>();
    // More than there are carriers, which none of them leaves.
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      busy.add(Thread.ofVirtual().start(() -> spin(released)));
    }
    try {
      Await.until("the carriers to be busy", PATIENCE, () -> !supervisor.responds(within));
    } finally {
      released.set(true);
    }
    for (var thread : busy) {
      thread.join();
    }
    assertThat(supervisor.responds(PATIENCE)).isTrue();
  }

  private static void spin(AtomicBoolean released) {
    while (!released.get()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void doesNotRespondWhileItsServicesCannotBeReached() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var starter =
        Thread.ofPlatform()
            .start(
                () ->
                    supervisor.start(
                        new Service() {
                          @Override
                          public String name() {
                            return "quick";
                          }

                          @Override
                          public Part part() {
                            // Asked under the supervisor's lock.
                            asked.countDown();
                            try {
                              release.await();
                            } catch (InterruptedException e) {
                              Thread.currentThread().interrupt();
                            }
                            return Part.INCIDENTAL;
                          }

                          @Override
                          public void run(ServiceContext context) {}
                        }));
    asked.await();
    assertThat(supervisor.responds(Duration.ofMillis(100))).isFalse();
    release.countDown();
    starter.join();
    assertThat(supervisor.responds(PATIENCE)).isTrue();
  }
}
