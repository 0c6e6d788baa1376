-- Has a queue events that its newest tick does not see, and is a transaction open that has written
-- into it? The queue's id, the name of its event sequence as a literal and its event table are put in.
--
-- Nothing but conditions on the index of the events' transactions: a join would read all that
-- rotation has not yet dropped.
select newest.tick_queue,
       exists (
         select from EVENTS
          where ev_txid between txid_snapshot_xmax(tick_snapshot)
                -- An event from a later one, as a restored table may have, is nobody's yet.
                            and txid_snapshot_xmax(txid_current_snapshot()) - 1)
       or exists (
         select from EVENTS
          where ev_txid = any (array(select txid_snapshot_xip(tick_snapshot)))) as overlooked,
       -- Whoever has taken a number from the sequence keeps this lock until the end.
       exists (
         select from pg_locks
          where locktype = 'relation'
            and relation = to_regclass(SEQUENCE)
            and pg_locks.database = (select oid from pg_database where datname = current_database())
            and pid is distinct from pg_backend_pid()) as open
  from (
    select tick_queue, tick_snapshot from pgq.tick
     where tick_queue = QUEUE
     order by tick_queue desc, tick_id desc limit 1) newest
