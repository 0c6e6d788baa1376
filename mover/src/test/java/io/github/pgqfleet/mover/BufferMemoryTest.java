package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BufferMemoryTest {

  private static final int KILOBYTE = 1024;

  @Test
  void lendsNoMoreThanItHas() throws Exception {
    var memory = new BufferMemory(3 * KILOBYTE, KILOBYTE);
    var first = memory.reserve();
    memory.reserve();
    memory.reserve();
    var fourth = reserveElsewhere(memory);
    assertThat(fourth).isNotDone();
    first.close();
    assertThat(fourth).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void lendsWhatABatchDidNotNeed() throws Exception {
    var memory = new BufferMemory(2 * KILOBYTE, 2 * KILOBYTE);
    var small = memory.reserve();
    var next = reserveElsewhere(memory);
    small.shrinkTo(1);
    assertThat(next).isNotDone();
    small.close();
    small.close();
    assertThat(next).succeedsWithin(Duration.ofSeconds(10));
    assertThat(reserveElsewhere(memory)).isNotDone();
  }

  /** Returns when the other thread waits, or has what it wants. */
  private static CompletableFuture<BufferMemory.Reservation> reserveElsewhere(BufferMemory memory)
      throws InterruptedException {
    var reserved = new CompletableFuture<BufferMemory.Reservation>();
    var begun = new CountDownLatch(1);
    var thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  begun.countDown();
                  try {
                    reserved.complete(memory.reserve());
                  } catch (InterruptedException e) {
                    reserved.completeExceptionally(e);
                  }
                });
    begun.await();
    while (!reserved.isDone() && thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return reserved;
  }
}
