-- Which queues are due for a tick, by the rule of pgq.ticker(queue): the first parameter names
-- those not to look at, the second, when it is not null, the only ones to look at.
--
-- Reads only, so that it takes no transaction id. pg_sequence_last_value() is null as long as a
-- sequence was never used; the sequence's own last_value cannot tell that from its first event.
with queue as (
  select queue_id,
         queue_name,
         queue_ticker_max_count as max_count,
         queue_ticker_max_lag as max_lag,
         queue_ticker_idle_period as idle_period,
         to_regclass(pgq.quote_fqname(queue_event_seq)) as event_seq
    from pgq.queue
   where not queue_external_ticker
     and not queue_ticker_paused
     and queue_name <> all (?::text[])
     and (?::text[] is null or queue_name = any (?::text[]))
), state as (
  select queue.*,
         pg_sequence_last_value(event_seq) as event_id,
         newest.tick_id,
         newest.tick_event_seq,
         now() - newest.tick_time as age,
         newest.tick_time - previous.tick_time as gap
    from queue
    left join lateral (
      select * from pgq.tick
       where tick_queue = queue_id
       order by tick_queue desc, tick_id desc limit 1) newest on true
    left join lateral (
      select tick_time from pgq.tick
       where tick_queue = queue_id and tick_id < newest.tick_id
       order by tick_queue desc, tick_id desc limit 1) previous on true
), verdict as (
  select queue_name,
         event_id,
         case
           when event_seq is not null and coalesce(event_id, 1) <= 1 then event_seq::text
         end as unused_sequence,
         case
           -- pgq.ticker() will say what is wrong.
           when event_seq is null then true
           when tick_id is null then true
           when coalesce(event_id, 1) > tick_event_seq
             then event_id - tick_event_seq >= max_count or age >= max_lag
           when gap is null then true
           else age >= max_lag / 2 and (age >= gap * 2 or age >= idle_period)
         end as due
    from state
)
select queue_name, due, event_id, unused_sequence
  from verdict
 where due or unused_sequence is not null
 order by queue_name
