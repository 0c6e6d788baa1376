package io.github.pgqfleet.worker.flow;

import java.util.Set;

/** Which queues are paused, as this process knows it. Thread-safe. */
public final class Gates {

  private volatile Set<String> paused = Set.of();

  /** Takes what was read from the database. */
  public void become(Set<String> pausedQueues) {
    paused = Set.copyOf(pausedQueues);
  }

  /** Whether no batch of this queue may be asked for. */
  public boolean isPaused(String queue) {
    return paused.contains(queue);
  }
}
