-- One database in detail, as JSON; ages are in seconds. Reads no event, and counts no table.
select json_build_object(
  'queues', (
    select coalesce(json_agg(queue order by queue.name), '[]') from (
      select queue_name as name,
             case when queue_external_ticker then 'external' when queue_ticker_paused then 'paused' end
               as unticked_by,
             newest.tick_id,
             extract(epoch from clock_timestamp() - newest.tick_time)::float8 as tick_age,
             extract(epoch from queue_ticker_max_lag)::float8 as max_lag,
             queue_cur_table as current_table,
             queue_ntables as tables,
             -- Between its two steps, while old transactions may still write into the last table.
             queue_switch_step2 is null as rotating,
             extract(epoch from clock_timestamp() - queue_switch_time)::float8 as rotated,
             extract(epoch from queue_rotation_period)::float8 as rotation_period,
             (select count(*) from (
                select from pgq.retry_queue where ev_queue = queue_id limit 10001) retried)
               as retried,
             (select count(*) from pgq.subscription
               where sub_queue = queue_id and sub_last_tick is not null) as positions
        from pgq.queue
        left join lateral (
          select tick_id, tick_time from pgq.tick
           where tick_queue = queue_id
           order by tick_queue desc, tick_id desc limit 1) newest on true
    ) queue),
  'consumers', (
    select coalesce(json_agg(consumer order by consumer.waits_for desc nulls last, queue, name), '[]')
      from (
      select queue_name as queue,
             co_name as name,
             sub_last_tick as last_tick,
             greatest(newest.tick_event_seq - finished.tick_event_seq, 0) as waiting,
             extract(epoch from clock_timestamp() - waiting.tick_time)::float8 as waits_for,
             sub_batch as batch,
             case when sub_batch is not null then next.tick_event_seq - finished.tick_event_seq end
               as batch_events,
             extract(epoch from clock_timestamp() - sub_active)::float8 as active
        from pgq.subscription
        join pgq.queue on queue_id = sub_queue
        join pgq.consumer on co_id = sub_consumer
        join pgq.tick finished on finished.tick_queue = sub_queue and finished.tick_id = sub_last_tick
        left join pgq.tick next on next.tick_queue = sub_queue and next.tick_id = sub_next_tick
        left join lateral (
          select tick_event_seq from pgq.tick
           where tick_queue = sub_queue
           order by tick_queue desc, tick_id desc limit 1) newest on true
        left join lateral (
          select tick_time from pgq.tick later
           where later.tick_queue = sub_queue
             and later.tick_id > sub_last_tick
             and later.tick_event_seq > finished.tick_event_seq
           order by later.tick_queue, later.tick_id limit 1) waiting on true
    ) consumer),
  -- Of other roles' sessions it is hidden when they began.
  'sees_all', pg_has_role('pg_read_all_stats', 'usage'),
  'transactions', (
    select coalesce(json_agg(transaction order by transaction.age desc), '[]') from (
      select 'session ' || pid as who,
             extract(epoch from clock_timestamp() - xact_start)::float8 as age,
             usename::text as role,
             application_name as application,
             host(client_addr) as client,
             state,
             backend_xid is not null as writes
        from pg_stat_activity
       where datname = current_database()
         and coalesce(backend_xid, backend_xmin) is not null
         and pid <> pg_backend_pid()
         and xact_start < clock_timestamp() - interval '2 s'
         and backend_type is distinct from 'walsender'
      union all
      select 'prepared transaction ' || gid,
             extract(epoch from clock_timestamp() - prepared)::float8,
             owner::text, null, null, 'prepared', true
        from pg_prepared_xacts
       where database = current_database()
       order by 2 desc
       limit 20
    ) transaction)
)::text
