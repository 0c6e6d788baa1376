-- How one database is ticked, for people: its leader, and its queues together.
select leader.pid,
       leader.application_name,
       leader.client,
       queues.number,
       queues.not_ticked,
       queues.oldest_tick_age,
       queues.pending
  from (
    select count(*) as number,
           count(*) filter (where not ticked) as not_ticked,
           extract(epoch from max(age) filter (where ticked))::float8 as oldest_tick_age,
           coalesce(sum(greatest(event_id - tick_event_seq, 0)), 0)::int8 as pending
      from (
        select not queue_ticker_paused and not queue_external_ticker as ticked,
               coalesce(pg_sequence_last_value(to_regclass(pgq.quote_fqname(queue_event_seq))), 1)
                 as event_id,
               newest.tick_event_seq,
               clock_timestamp() - newest.tick_time as age
          from pgq.queue
          left join lateral (
            select * from pgq.tick
             where tick_queue = queue_id
             order by tick_queue desc, tick_id desc limit 1) newest on true
      ) queue
  ) queues
  left join lateral (
    select pid, application_name, coalesce(host(client_addr), 'unknown') as client
      from pg_locks
      join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and objsubid = 2
       and classid = ?::oid and objid = ?::oid
       and pg_locks.database = (select oid from pg_database where datname = current_database())
     limit 1) leader on true
