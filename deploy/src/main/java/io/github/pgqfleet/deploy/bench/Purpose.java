package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.PrivateClusterBuilder;
import java.time.Duration;

/** What is measured on a testbed, and so how its clusters and queues are set up. */
enum Purpose {
  /** Commits do not reach the disk; the destination is on the first cluster. */
  TICKERS(false),

  /**
   * Durable as in production, with the destination on a cluster of its own, the last; and any event
   * makes a tick due.
   */
  MOVERS(true),

  /** The same, for the destination alone and hundreds of sessions in it. */
  WORKERS(true),

  /**
   * From the sources to the handlers. Durable, with the destination on a cluster of its own; {@link
   * #CHAINS_MAX_LAG} makes a tick due.
   */
  CHAINS(true);

  /** The ticker_max_lag of all queues: below any period of theirs, for all tickers. */
  static final Duration CHAINS_MAX_LAG = Duration.ofMillis(50);

  /** The most sub-consumers that {@link #WORKERS} has room for. */
  static final int MOST_WORKERS = 500;

  private final boolean destinationApart;

  Purpose(boolean destinationApart) {
    this.destinationApart = destinationApart;
  }

  /** Whether the destination is on a cluster of its own. */
  boolean destinationApart() {
    return destinationApart;
  }

  /**
   * Starts a cluster for so many databases.
   *
   * @param counting whether statements are counted
   */
  PrivateCluster cluster(int databases, boolean counting) {
    PrivateClusterBuilder builder =
        PrivateCluster.builder()
            .maxConnections(connections(databases))
            .setting("max_wal_size", "4GB")
            .setting("checkpoint_timeout", "30min")
            // By default autovacuum looks at each of the databases every minute. That costs the
            // same under every ticker, more than a ticker does, and would only blur the difference.
            .setting("autovacuum_naptime", "10min")
            .setting("shared_preload_libraries", counting ? Spent.EXTENSION : "");
    return switch (this) {
      case TICKERS ->
          builder
              .setting("shared_buffers", "256MB")
              .setting("wal_level", "minimal")
              .setting("max_wal_senders", "0")
              .start();
      case MOVERS, WORKERS, CHAINS ->
          builder
              .durable(true)
              .setting("shared_buffers", "1GB")
              // Tells when each batch was committed.
              .setting("track_commit_timestamp", "on")
              .start();
    };
  }

  private int connections(int databases) {
    return switch (this) {
      // A candidate's two sessions a database, the load's one and those of our looks.
      case TICKERS, MOVERS -> 100 + 4 * databases;
      case WORKERS -> 100 + MOST_WORKERS;
      // Of the ticker one, of the mover three, and the load's.
      case CHAINS -> 100 + 6 * databases;
    };
  }

  /** Sets the queues of a database up. */
  String queueSettings() {
    return switch (this) {
      // Otherwise a tick of the ticker before would put off the first one of the next.
      case TICKERS ->
          "select pgq.set_queue_config('"
              + Testbed.WOKEN
              + "', 'ticker_max_lag', '100 milliseconds')";
      case MOVERS, WORKERS ->
          "select pgq.set_queue_config(queue_name, 'ticker_max_count', '1') from pgq.queue";
      case CHAINS ->
          "select pgq.set_queue_config(queue_name, 'ticker_max_lag', '%d milliseconds') from pgq.queue"
              .formatted(CHAINS_MAX_LAG.toMillis());
    };
  }
}
