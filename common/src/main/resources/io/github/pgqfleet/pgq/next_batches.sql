-- pgq.finish_batch, then pgq.next_batch_custom where it is wanted, of each queue in the order given.
--
-- One tick after the other where there is one; where there are many, as many at once as have the
-- events that are wished for. What is asked of PgQ is never more than is there, since it would wait
-- for it; where only empty ticks wait, their time is asked for in place of their events.
--
-- Of several batches the SQL of their events is not asked for: small ones are read without it.
--
-- All that is looked at is as it was before the statement. So a queue stands where it will when its
-- delivered batch has been finished.
with asked as materialized (
  select number, queue, consumer, delivered, newest.tick_id as newest_tick,
         wants_next
           and (newest.tick_id is null -- PgQ itself says what is wrong: there is no such consumer
             or s.sub_batch is not null and s.sub_batch is distinct from delivered
             or newest.tick_id > coalesce(last.tick_id, 0)) as may_have_batch,
         wished,
         newest.tick_event_seq - last.tick_event_seq as waiting,
         newest.tick_time - last.tick_time as waiting_time
    from unnest(?::text[], ?::int8[], ?::bool[])
           with ordinality as asked (queue, delivered, wants_next, number)
   cross join (values (?::text, ?::int4)) as wish (consumer, wished)
    left join pgq.queue q on q.queue_name = queue
    left join pgq.consumer c on c.co_name = consumer
    left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
    left join pgq.tick last
      on last.tick_queue = s.sub_queue
     and last.tick_id
         = case when s.sub_batch = delivered then s.sub_next_tick else s.sub_last_tick end
    left join lateral (
      select tick_id, tick_event_seq, tick_time from pgq.tick
       where tick_queue = s.sub_queue
       order by tick_queue desc, tick_id desc limit 1) newest on true
   order by number
)
select number, batch_id, prev_tick_id, prev_tick_time, prev_tick_event_seq,
       cur_tick_id, cur_tick_time, cur_tick_event_seq, event_sql,
       cur_tick_id >= newest_tick as is_newest
  from (select *, count(*) filter (where may_have_batch) over () = 1 as is_alone from asked) asked
 cross join lateral (
   select case when delivered is not null then pgq.finish_batch(delivered) end as finished
   offset 0) finish
 cross join lateral (
   select next.*, case when is_alone then pgq.batch_event_sql(batch_id) end as event_sql
     from pgq.next_batch_custom(
       queue, consumer, null,
       case when wished > 0 and waiting > 0 then least(wished, waiting)::int4 end,
       case when wished > 0 and waiting <= 0 then waiting_time end) next
    -- Not called where there is none, and not before the other: that is why it is mentioned here.
    where may_have_batch and finished is distinct from -1 and batch_id is not null
   offset 0) batch
