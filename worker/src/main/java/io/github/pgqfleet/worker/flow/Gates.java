package io.github.pgqfleet.worker.flow;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which queues are paused, as this process knows it. Thread-safe. */
public final class Gates {

  private volatile @Nullable Set<String> paused;

  /**
   * Reads them where nobody has done so yet, for who begins before the tick watcher has looked:
   * once, however many begin together.
   */
  public synchronized void learn(Connection connection, String consumer) throws SQLException {
    if (paused == null) {
      become(new PausedQueues(connection).of(consumer));
    }
  }

  /** Takes what was read from the database. */
  public void become(Set<String> pausedQueues) {
    paused = Set.copyOf(pausedQueues);
  }

  /** Whether no batch of this queue may be asked for. */
  public boolean isPaused(String queue) {
    var known = paused;
    return known != null && known.contains(queue);
  }
}
