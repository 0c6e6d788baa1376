-- What an operator wants to know of a database before it hurts: kind, whose it is, how much (seconds
-- or events), and the cause where one is known. The parameter bounds the counting of retried events.
with newest as (
  select tick_queue, max(tick_id) as tick_id from pgq.tick group by tick_queue
), consumer as (
  select queue_id, queue_name, co_name, sub_batch, sub_active,
         extract(epoch from clock_timestamp() - last.tick_time)::float8 as lag,
         sub_last_tick is not distinct from newest.tick_id as is_current
    from pgq.subscription
    join pgq.queue on queue_id = sub_queue
    join pgq.consumer on co_id = sub_consumer
    -- A sub-consumer at rest has no position of its own.
    join pgq.tick last on last.tick_queue = sub_queue and last.tick_id = sub_last_tick
    left join newest on newest.tick_queue = sub_queue
)
select 'consumer-lag' as kind, queue_name as queue, 'consumer ' || co_name as whose,
       case when is_current then 0 else lag end as amount, null as cause
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
         where consumer.queue_id = queue.queue_id order by lag desc nulls last limit 1)
  from pgq.queue
 where queue_rotation_period > interval '0'
union all
select 'retry-queue', queue_name, 'retry queue',
       (select count(*) from (select from pgq.retry_queue where ev_queue = queue_id limit ?) r),
       null
  from pgq.queue
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
