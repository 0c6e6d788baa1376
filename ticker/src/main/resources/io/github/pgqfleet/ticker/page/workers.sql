-- The groups of sub-consumers (pgq_coop), as JSON; ages are in seconds.
--
-- A group's rows share sub_id; its main consumer is the row with a position and no batch. A
-- sub-consumer stays registered when its process dies, so what tells the living is a session: that of
-- a worker carries the instance, which is the name of its sub-consumers without the slot's number.
with member as (
  select queue_name as queue,
         main.co_name as consumer,
         substr(its.co_name, length(main.co_name) + 2) as name,
         sub.sub_batch as batch,
         extract(epoch from clock_timestamp() - sub.sub_active)::float8 as active,
         to_tick.tick_event_seq - from_tick.tick_event_seq as events
    from pgq.subscription sub
    join pgq.queue on queue_id = sub.sub_queue
    join pgq.consumer its on its.co_id = sub.sub_consumer
    join pgq.subscription group_of
      on group_of.sub_queue = sub.sub_queue and group_of.sub_id = sub.sub_id
     and group_of.sub_consumer <> sub.sub_consumer
     and group_of.sub_last_tick is not null and group_of.sub_next_tick is null
    join pgq.consumer main on main.co_id = group_of.sub_consumer
    left join pgq.tick from_tick
      on from_tick.tick_queue = sub.sub_queue and from_tick.tick_id = sub.sub_last_tick
    left join pgq.tick to_tick
      on to_tick.tick_queue = sub.sub_queue and to_tick.tick_id = sub.sub_next_tick
   where starts_with(its.co_name, main.co_name || '.')
), running as (
  select distinct application_name as name
    from pg_stat_activity
   where datname = current_database() and starts_with(application_name, 'pgq-fleet worker ')
), told as (
  select member.*,
         exists (
           select from running
            where running.name = left(
              'pgq-fleet worker '
                || regexp_replace(regexp_replace(member.name, '_[0-9]+$', ''), '[^!-~]', '?', 'g'),
              63)) as alive
    from member
)
select coalesce(json_agg(told order by told.queue, told.consumer, not told.alive, told.name), '[]')::text
  from told
