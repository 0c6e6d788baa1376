-- How far the queues of a database are, for the fleet page; by indexes only, and without a transaction
-- id, since it goes with a look, or follows one, on the session that ticks.
--
-- A consumer waits since the first tick that it has not finished and that closed events, by the event
-- sequence: an idle tick's batch may stay open for minutes, and is late for nobody. Events that no tick
-- has closed wait too, where the queue's ticker does not do its duty.
select queue_name,
       case when queue_external_ticker then 'external' when queue_ticker_paused then 'paused' end
         as unticked_by,
       event_id,
       greatest(event_id - newest.tick_event_seq, 0) as unticked,
       slowest.co_name as consumer,
       greatest(event_id - coalesce(slowest.tick_event_seq, event_id), 0) as waiting,
       extract(epoch from clock_timestamp() - least(slowest.waits_since, unticked.waits_since))::float8
         as waits_for
  from (
    select queue.*,
           -- As in the look; null as long as the sequence was never used.
           coalesce(pg_sequence_last_value(to_regclass(
             case when queue_event_seq ~ '^[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*$'
                  then queue_event_seq
                  else pgq.quote_fqname(queue_event_seq) end)), 1) as event_id
      from pgq.queue) queue
  left join lateral (
    select tick_time, tick_event_seq from pgq.tick
     where tick_queue = queue_id
     order by tick_queue desc, tick_id desc limit 1) newest on true
  left join lateral (
    select newest.tick_time as waits_since
     where event_id > newest.tick_event_seq
       and newest.tick_time < now() - 2 * queue_ticker_max_lag) unticked on true
  left join lateral (
    select co_name, finished.tick_event_seq, waiting.tick_time as waits_since
      from pgq.subscription
      join pgq.consumer on co_id = sub_consumer
      join pgq.tick finished
        on finished.tick_queue = sub_queue and finished.tick_id = sub_last_tick
      left join lateral (
        select tick_time from pgq.tick later
         where later.tick_queue = sub_queue
           and later.tick_id > sub_last_tick
           and later.tick_event_seq > finished.tick_event_seq
         order by later.tick_queue, later.tick_id limit 1) waiting on true
     where sub_queue = queue_id
     order by waiting.tick_time nulls last, finished.tick_event_seq
     limit 1) slowest on true
 order by queue_name
