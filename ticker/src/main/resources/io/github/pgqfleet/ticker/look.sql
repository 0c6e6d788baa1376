-- Which queues of a database want a tick, by the rule of pgq.ticker(queue) but for one thing: where
-- nothing is new it also makes one when the last is twice as old as the gap before it, for the sake
-- of events that were written before that tick and committed after it. Those are looked for here
-- (overlooked.sql), and each tick costs every consumer a batch.
--
-- The queues not to look at are named by the first parameter, and the only ones to look at by the
-- second, when it is not null (it comes twice). A queue that is due is ticked if the last but one is
-- true, and a notification goes with the tick if the last one is.
--
-- Takes no transaction id unless it makes a tick. pg_sequence_last_value() is null as long as a
-- sequence was never used; the sequence's own last_value cannot tell that from its first event.
with queue as (
  select queue_id,
         queue_name,
         queue_ticker_max_count as max_count,
         queue_ticker_max_lag as max_lag,
         queue_ticker_idle_period as idle_period,
         -- Quoting costs a new session more than all the rest.
         to_regclass(case when queue_event_seq ~ '^[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*$'
                          then queue_event_seq
                          else pgq.quote_fqname(queue_event_seq) end) as event_seq
    from pgq.queue
   where not queue_external_ticker
     and not queue_ticker_paused
     and queue_name <> all (?::text[])
     and (?::text[] is null or queue_name = any (?::text[]))
), state as (
  select queue.*,
         coalesce(last_event_id, 1) as event_id,
         newest.tick_id,
         newest.tick_event_seq,
         now() - newest.tick_time as age
    from (select queue.*, pg_sequence_last_value(event_seq) as last_event_id from queue) queue
    left join lateral (
      select tick_id, tick_time, tick_event_seq from pgq.tick
       where tick_queue = queue_id
       order by tick_queue desc, tick_id desc limit 1) newest on true
), rule as (
  select state.*,
         event_id > tick_event_seq as has_new_events,
         case
           when event_id > tick_event_seq then max_lag
           else greatest(max_lag / 2, idle_period)
         end as due_age
    from state
), verdict as (
  select rule.*,
         -- Without a sequence pgq.ticker() will say what is wrong; without two ticks it makes one.
         event_seq is null
           or tick_id is null
           or (has_new_events and event_id - tick_event_seq >= max_count)
           or (not has_new_events
               and not exists (
                 select from pgq.tick older
                  where older.tick_queue = queue_id and older.tick_id < rule.tick_id))
           or age >= due_age as due
    from rule
), looked as (
  select queue_name,
         queue_id,
         due,
         event_id,
         extract(epoch from case when not due then due_age - age
                                 else greatest(max_lag / 2, idle_period) end)::float8 as due_in,
         case when not due and not has_new_events then last_event_id end as quiet_event_id,
         case when due and ? then pgq.ticker(queue_name) end as tick_id
    from verdict
   order by queue_name
)
select queue_name,
       queue_id,
       due,
       due_in,
       quiet_event_id,
       txid_snapshot_xmax(txid_current_snapshot()) as next_txid,
       tick_id is not null as ticked,
       case when tick_id is not null and ? then pg_notify('pgq_tick', queue_name) end as notified,
       event_id
  from looked
