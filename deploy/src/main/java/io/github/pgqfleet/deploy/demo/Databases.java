package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.util.List;

/**
 * Makes the cluster and the databases as an application would have them: its own tables, no PgQ.
 * Stateless.
 */
final class Databases {
  static final String DESTINATION = "central";

  private static final String TEMPLATE = "app_template";

  /** Each application transaction leaves a row: one element for each event, in order. */
  private static final String SOURCE_TABLES =
      """
      create schema app;
      create table app.purchase (
        id bigint generated always as identity primary key,
        made_at timestamptz not null default clock_timestamp(),
        queues text[] not null
      );
      """;

  /** Nothing is unique in it: what is handled twice must show. */
  private static final String DESTINATION_TABLES =
      """
      create schema app;
      create table app.handled (
        database text not null,
        purchase bigint not null,
        queue text not null,
        event integer not null,
        txid bigint not null,
        inserted timestamptz not null,
        handled timestamptz not null
      );
      create table app.committed (
        database text not null,
        purchase bigint not null,
        queue text not null,
        event integer not null
      );
      create function app.record(payload text) returns void language sql as $$
        insert into app.handled
        select e.database, e.purchase, e.queue, e.event, txid_current(), e.inserted,
               clock_timestamp()
          from jsonb_to_record(payload::jsonb)
            as e(database text, purchase bigint, queue text, event integer, inserted timestamptz)
      $$;
      create function app.handle(
          ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer, ev_type text,
          ev_data text, ev_extra1 text, ev_extra2 text, ev_extra3 text, ev_extra4 text)
      returns boolean language plpgsql as $$
      begin
        perform app.record(ev_data);
        return true;
      end
      $$;
      """;

  private Databases() {}

  /** A cluster with room for the fleet's connections. What it loses in a power cut is no loss. */
  static PrivateCluster cluster(DemoOptions options) {
    return PrivateCluster.builder()
        .maxConnections(200 + 8 * options.databases())
        .setting("shared_buffers", "256MB")
        .setting("wal_level", "minimal")
        .setting("max_wal_senders", "0")
        .setting("max_wal_size", "4GB")
        .setting("checkpoint_timeout", "30min")
        // By default each of the databases would be looked at every minute.
        .setting("autovacuum_naptime", "10min")
        .start();
  }

  static void create(PrivateCluster cluster, List<String> names)
      throws SQLException, InterruptedException {
    cluster.createDatabase(DESTINATION);
    cluster.execute(DESTINATION, DESTINATION_TABLES);
    cluster.createDatabase(TEMPLATE);
    cluster.execute(TEMPLATE, SOURCE_TABLES);
    var _ =
        Together.run(
            "create databases",
            names,
            name -> {
              cluster.createDatabase(name, TEMPLATE);
              return name;
            });
    cluster.dropDatabase(TEMPLATE);
  }
}
