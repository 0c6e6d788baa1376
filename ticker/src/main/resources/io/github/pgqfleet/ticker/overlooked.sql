-- Has a queue events that its newest tick does not see? And which transactions were over by then: all
-- whose ids are below that number. The queue's id and its event table are put in.
--
-- Nothing but conditions on the index of the events' transactions: a join would read all that
-- rotation has not yet dropped.
select exists (
         select from EVENTS
          where ev_txid between txid_snapshot_xmax(tick_snapshot)
                -- An event from a later one, as a restored table may have, is nobody's yet.
                            and txid_snapshot_xmax(txid_current_snapshot()) - 1)
       or exists (
         select from EVENTS
          where ev_txid = any (array(select txid_snapshot_xip(tick_snapshot)))) as overlooked,
       txid_snapshot_xmin(txid_current_snapshot()) as all_over_before
  from (
    select tick_snapshot from pgq.tick
     where tick_queue = QUEUE
     order by tick_queue desc, tick_id desc limit 1) newest
