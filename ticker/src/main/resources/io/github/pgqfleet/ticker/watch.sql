-- What an operator wants to know of a database before it hurts: kind, whose it is, how much (seconds
-- or events), and the cause where one is known. The parameter bounds the counting of retried events.
with consumer as (
  select queue_id, queue_name, co_name, sub_batch, sub_active,
         extract(epoch from clock_timestamp() - waiting.tick_time)::float8 as lag
    from pgq.subscription
    join pgq.queue on queue_id = sub_queue
    join pgq.consumer on co_id = sub_consumer
    -- The first tick that it has not finished; nothing for one that has finished all.
    left join lateral (
      select tick_time from pgq.tick
       where tick_queue = sub_queue and tick_id > sub_last_tick
       order by tick_queue, tick_id limit 1) waiting on true
   -- A sub-consumer at rest has no position of its own.
   where sub_last_tick is not null
), retried as (
  select ev_queue, count(*) as events
    from (select ev_queue from pgq.retry_queue limit ?) waiting
   group by ev_queue
)
select 'consumer-lag' as kind, queue_name as queue, 'consumer ' || co_name as whose,
       coalesce(lag, 0) as amount, null as cause
  from consumer
union all
select 'batch-age', queue_name, 'batch ' || sub_batch || ' of consumer ' || co_name,
       extract(epoch from clock_timestamp() - sub_active)::float8, null
  from consumer
 where sub_batch is not null
union all
-- How much later than it should be.
select 'rotation-overdue', queue_name, 'rotation',
       extract(epoch from clock_timestamp() - queue_switch_time - queue_rotation_period)::float8,
       (select 'consumer ' || co_name || ' is the last' from consumer
         where consumer.queue_id = queue.queue_id and lag is not null
         order by lag desc limit 1)
  from pgq.queue
 where queue_rotation_period > interval '0'
union all
select 'retry-queue', queue_name, 'retry queue', events, null
  from retried join pgq.queue on queue_id = ev_queue
union all
select 'transaction-age', '', 'session ' || pid,
       extract(epoch from clock_timestamp() - xact_start)::float8,
       concat_ws(', ', usename, nullif(application_name, ''), state)
  from pg_stat_activity
 where datname = current_database()
   and coalesce(backend_xid, backend_xmin) is not null
   and pid <> pg_backend_pid()
   and backend_type is distinct from 'autovacuum worker'
   and backend_type is distinct from 'walsender'
union all
select 'transaction-age', '', 'prepared transaction ' || gid,
       extract(epoch from clock_timestamp() - prepared)::float8, owner::text
  from pg_prepared_xacts
 where database = current_database()
