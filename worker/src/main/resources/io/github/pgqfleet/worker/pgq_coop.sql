-- Schema pgq_coop: several sub-consumers share one consumer's position on a queue.
--
-- Installed by `worker provision` only where no schema pgq_coop exists, in one transaction, by an
-- owner of PgQ's tables. The functions have the names and signatures that clients of cooperative
-- consumption know.
--
-- All state is in PgQ's own tables. The main consumer's row in pgq.subscription holds the position
-- of the group (sub_last_tick, everything else null). A sub-consumer is a row in pgq.consumer named
-- `consumer.subconsumer` and a row in pgq.subscription with the same sub_id as the main consumer's:
-- all null when idle, the window sub_last_tick .. sub_next_tick with its sub_batch when it has a
-- batch open. So get_batch_events, retries and rotation see ordinary batches.
--
-- Whoever changes a row of the group first locks the main consumer's row. That makes the functions
-- of one group run one after the other, and leaves no order in which two of them could deadlock.
-- The lock lasts until commit: commit soon.
--
-- A takeover gives the batch a new id. The old id is then nobody's, and finish_batch of the
-- sub-consumer that was thought dead returns 0 instead of closing the batch under the new owner.

create schema pgq_coop;

grant usage on schema pgq_coop to public;


-- Which of the implementations of this schema it is, and the revision of this file.
create function pgq_coop.version()
returns text
language sql immutable
as $$ select 'pgq-fleet 1'::text $$;


-- Locks the main consumer's row until the end of the transaction and returns it. Sub-consumers have
-- both ticks of their window, or none: only the main consumer's row has one.
create function pgq_coop._lock_main(i_queue_id integer, i_sub_id integer)
returns pgq.subscription
language sql volatile
as $$
    select m
      from pgq.subscription m
     where m.sub_queue = i_queue_id
       and m.sub_id = i_sub_id
       and m.sub_last_tick is not null
       and m.sub_next_tick is null
       for update
$$;


-- Returns the id of the consumer of that name, which is made if there is none, and locks its row
-- until the end of the transaction. The lock is one that foreign keys' checks do not wait for:
-- next_batch causes such checks while it holds the main consumer's row.
create function pgq_coop._lock_consumer(i_consumer_name text)
returns integer
language plpgsql volatile
as $$
declare
    _co_id integer;
begin
    loop
        select c.co_id into _co_id
          from pgq.consumer c
         where c.co_name = i_consumer_name
           for no key update;
        if found then
            return _co_id;
        end if;
        -- Waits for a transaction that is just inserting the same name. The name may also vanish
        -- again before it is locked, hence the loop.
        insert into pgq.consumer (co_name)
        values (i_consumer_name)
            on conflict (co_name) do nothing;
    end loop;
end;
$$;


-- Adds a sub-consumer to a consumer of a queue; the consumer is registered at the queue's last tick
-- if it is new. Returns 1 for a new sub-consumer, 0 for one that was there already.
create function pgq_coop.register_subconsumer(
    i_queue_name       text,
    i_consumer_name    text,
    i_subconsumer_name text)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _main    pgq.subscription;
    _sub     pgq.subscription;
    _co_id   integer;
begin
    if i_queue_name is null or i_consumer_name is null or coalesce(i_subconsumer_name, '') = '' then
        raise exception 'queue, consumer and sub-consumer need names'
              using errcode = 'invalid_parameter_value';
    end if;

    -- The lock on the consumer's name lets one registration at a time see whether there is a
    -- subscription, from here on until commit.
    _co_id := pgq_coop._lock_consumer(i_consumer_name);
    for _attempt in 1 .. 2 loop
        select s.* into _sub
          from pgq.subscription s
          join pgq.queue q on q.queue_id = s.sub_queue
         where q.queue_name = i_queue_name
           and s.sub_consumer = _co_id;
        exit when found;
        perform pgq.register_consumer(i_queue_name, i_consumer_name);
    end loop;
    _main := pgq_coop._lock_main(_sub.sub_queue, _sub.sub_id);
    if _main.sub_id is null then
        raise exception 'consumer % has a batch open on queue %, so it is not shared by sub-consumers',
              i_consumer_name, i_queue_name
              using errcode = 'object_in_use',
                    hint = 'Finish the batch, and stop the client that consumes under this name alone.';
    end if;

    _co_id := pgq_coop._lock_consumer(i_consumer_name || '.' || i_subconsumer_name);
    select s.* into _sub
      from pgq.subscription s
     where s.sub_queue = _main.sub_queue
       and s.sub_consumer = _co_id;
    if not found then
        insert into pgq.subscription (sub_id, sub_queue, sub_consumer)
        values (_main.sub_id, _main.sub_queue, _co_id);
        return 1;
    end if;
    if _sub.sub_id <> _main.sub_id then
        raise exception 'consumer %.% on queue % is not a sub-consumer of %',
              i_consumer_name, i_subconsumer_name, i_queue_name, i_consumer_name
              using errcode = 'duplicate_object',
                    hint = 'Choose another name for the sub-consumer.';
    end if;
    return 0;
end;
$$;


-- Removes a sub-consumer. Returns 1, or 0 if there was none. If it has a batch open, this raises
-- when i_batch_handling is 0, and gives up the batch with all its events when it is 1. The name
-- stays in pgq.consumer, so names should be stable.
create function pgq_coop.unregister_subconsumer(
    i_queue_name       text,
    i_consumer_name    text,
    i_subconsumer_name text,
    i_batch_handling   integer)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _sub   pgq.subscription;
    _main  pgq.subscription;
begin
    if i_batch_handling is null or i_batch_handling not in (0, 1) then
        raise exception 'batch_handling is 0 (refuse) or 1 (give up), not %', i_batch_handling
              using errcode = 'invalid_parameter_value';
    end if;

    select s.* into _sub
      from pgq.subscription m
      join pgq.queue q on q.queue_id = m.sub_queue
      join pgq.consumer cm on cm.co_id = m.sub_consumer
      join pgq.subscription s on s.sub_queue = m.sub_queue and s.sub_id = m.sub_id
      join pgq.consumer cs on cs.co_id = s.sub_consumer
     where q.queue_name = i_queue_name
       and cm.co_name = i_consumer_name
       and cs.co_name = i_consumer_name || '.' || i_subconsumer_name;
    if not found then
        return 0;
    end if;

    _main := pgq_coop._lock_main(_sub.sub_queue, _sub.sub_id);
    select s.* into _sub
      from pgq.subscription s
     where s.sub_queue = _sub.sub_queue
       and s.sub_consumer = _sub.sub_consumer
       for update;
    if not found then
        return 0;
    end if;
    if _sub.sub_batch is not null and i_batch_handling = 0 then
        raise exception 'sub-consumer %.% has batch % open on queue %',
              i_consumer_name, i_subconsumer_name, _sub.sub_batch, i_queue_name
              using errcode = 'object_in_use',
                    hint = 'Finish the batch first, or leave it to be taken over.';
    end if;

    delete from pgq.subscription s
     where s.sub_queue = _sub.sub_queue
       and s.sub_consumer = _sub.sub_consumer;
    return 1;
end;
$$;


-- Gives the sub-consumer a batch: the one it has open, which also shows that it is alive; else, if
-- i_dead_interval is given, the oldest batch of a sibling that has not been heard of for so long,
-- under a new id; else the next one of the queue. All null if there is none of these. The other
-- parameters and the result are those of pgq.next_batch_custom.
create function pgq_coop.next_batch_custom(
    i_queue_name            text,
    i_consumer_name         text,
    i_subconsumer_name      text,
    i_min_lag               interval,
    i_min_count             int4,
    i_min_interval          interval,
    i_dead_interval         interval,
    out batch_id            bigint,
    out cur_tick_id         bigint,
    out prev_tick_id        bigint,
    out cur_tick_time       timestamptz,
    out prev_tick_time      timestamptz,
    out cur_tick_event_seq  bigint,
    out prev_tick_event_seq bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _look    record;
    _main    pgq.subscription;
    _sub     pgq.subscription;
    _victim  pgq.subscription;
begin
    -- A look without a lock first: most calls of an idle group end here, having written nothing.
    for _attempt in 1 .. 2 loop
        select m.sub_queue as sub_queue,
               m.sub_id as sub_id,
               s.sub_consumer as sub_consumer,
               s.sub_batch is not null
               or m.sub_batch is not null
               or m.sub_last_tick < (select t.tick_id
                                       from pgq.tick t
                                      where t.tick_queue = m.sub_queue
                                      order by t.tick_queue desc, t.tick_id desc
                                      limit 1)
               or exists (select from pgq.subscription d
                           where d.sub_queue = m.sub_queue
                             and d.sub_id = m.sub_id
                             and d.sub_batch is not null
                             and d.sub_active < clock_timestamp() - i_dead_interval) as is_due
          into _look
          from pgq.subscription m
          join pgq.queue q on q.queue_id = m.sub_queue
          join pgq.consumer cm on cm.co_id = m.sub_consumer
          left join (pgq.subscription s join pgq.consumer cs on cs.co_id = s.sub_consumer)
            on s.sub_queue = m.sub_queue
           and s.sub_id = m.sub_id
           and cs.co_name = i_consumer_name || '.' || i_subconsumer_name
         where q.queue_name = i_queue_name
           and cm.co_name = i_consumer_name;
        if not found then
            raise exception 'consumer % is not registered on queue %', i_consumer_name, i_queue_name
                  using errcode = 'undefined_object',
                        hint = 'Register it with pgq.register_consumer or pgq_coop.register_subconsumer.';
        end if;
        exit when _look.sub_consumer is not null;
        -- Before the main row is locked, since registering locks the consumer's name first.
        perform pgq_coop.register_subconsumer(i_queue_name, i_consumer_name, i_subconsumer_name);
    end loop;
    if not _look.is_due then
        return;
    end if;

    _main := pgq_coop._lock_main(_look.sub_queue, _look.sub_id);
    if _main.sub_id is null then
        raise exception 'consumer % has a batch open on queue %, so it is not shared by sub-consumers',
              i_consumer_name, i_queue_name
              using errcode = 'object_in_use',
                    hint = 'Finish the batch, and stop the client that consumes under this name alone.';
    end if;
    select s.* into _sub
      from pgq.subscription s
     where s.sub_queue = _main.sub_queue
       and s.sub_consumer = _look.sub_consumer
       for update;
    if not found then
        raise exception 'sub-consumer %.% was unregistered from queue % meanwhile',
              i_consumer_name, i_subconsumer_name, i_queue_name
              using errcode = 'undefined_object';
    end if;

    if _sub.sub_batch is null and i_dead_interval is not null then
        -- The conditions are looked at again once the row is locked: it still holds that batch.
        select d.* into _victim
          from pgq.subscription d
         where d.sub_queue = _main.sub_queue
           and d.sub_id = _main.sub_id
           and d.sub_batch is not null
           and d.sub_active < clock_timestamp() - i_dead_interval
         order by d.sub_last_tick
         limit 1
           for update;
        if found then
            update pgq.subscription
               set sub_last_tick = null, sub_next_tick = null, sub_batch = null
             where sub_queue = _victim.sub_queue
               and sub_consumer = _victim.sub_consumer;
            _sub.sub_batch := nextval('pgq.batch_id_seq');
            _sub.sub_last_tick := _victim.sub_last_tick;
            _sub.sub_next_tick := _victim.sub_next_tick;
        end if;
    end if;

    if _sub.sub_batch is null then
        -- PgQ itself chooses the window, as a batch of the main consumer; it then changes hands.
        select n.batch_id, n.prev_tick_id, n.cur_tick_id
          into _sub.sub_batch, _sub.sub_last_tick, _sub.sub_next_tick
          from pgq.next_batch_custom(
                   i_queue_name, i_consumer_name, i_min_lag, i_min_count, i_min_interval) n;
        if _sub.sub_batch is null then
            return;
        end if;
        update pgq.subscription
           set sub_last_tick = _sub.sub_next_tick, sub_next_tick = null, sub_batch = null
         where sub_queue = _main.sub_queue
           and sub_consumer = _main.sub_consumer;
    end if;

    -- The clock and not now(): a transaction that has worked for long shows that it is alive now.
    update pgq.subscription
       set sub_last_tick = _sub.sub_last_tick,
           sub_next_tick = _sub.sub_next_tick,
           sub_batch = _sub.sub_batch,
           sub_active = clock_timestamp()
     where sub_queue = _sub.sub_queue
       and sub_consumer = _sub.sub_consumer;

    select _sub.sub_batch, cur.tick_id, prev.tick_id, cur.tick_time, prev.tick_time,
           cur.tick_event_seq, prev.tick_event_seq
      into strict batch_id, cur_tick_id, prev_tick_id, cur_tick_time, prev_tick_time,
           cur_tick_event_seq, prev_tick_event_seq
      from pgq.tick prev, pgq.tick cur
     where prev.tick_queue = _sub.sub_queue
       and prev.tick_id = _sub.sub_last_tick
       and cur.tick_queue = _sub.sub_queue
       and cur.tick_id = _sub.sub_next_tick;
end;
$$;


-- The same without a dead interval: never takes a batch over.
create function pgq_coop.next_batch_custom(
    i_queue_name            text,
    i_consumer_name         text,
    i_subconsumer_name      text,
    i_min_lag               interval,
    i_min_count             int4,
    i_min_interval          interval,
    out batch_id            bigint,
    out cur_tick_id         bigint,
    out prev_tick_id        bigint,
    out cur_tick_time       timestamptz,
    out prev_tick_time      timestamptz,
    out cur_tick_event_seq  bigint,
    out prev_tick_event_seq bigint)
language sql volatile
as $$
    select n.batch_id, n.cur_tick_id, n.prev_tick_id, n.cur_tick_time, n.prev_tick_time,
           n.cur_tick_event_seq, n.prev_tick_event_seq
      from pgq_coop.next_batch_custom(
               i_queue_name, i_consumer_name, i_subconsumer_name,
               i_min_lag, i_min_count, i_min_interval, null::interval) n
$$;


-- The next batch's id alone, or null. With a batch open it returns that one's id and shows that the
-- sub-consumer is alive.
create function pgq_coop.next_batch(
    i_queue_name       text,
    i_consumer_name    text,
    i_subconsumer_name text)
returns bigint
language sql volatile
as $$
    select n.batch_id
      from pgq_coop.next_batch_custom(
               i_queue_name, i_consumer_name, i_subconsumer_name,
               null::interval, null::int4, null::interval, null::interval) n
$$;


-- The same, taking over a batch of a sibling that has not been heard of for i_dead_interval.
create function pgq_coop.next_batch(
    i_queue_name       text,
    i_consumer_name    text,
    i_subconsumer_name text,
    i_dead_interval    interval)
returns bigint
language sql volatile
as $$
    select n.batch_id
      from pgq_coop.next_batch_custom(
               i_queue_name, i_consumer_name, i_subconsumer_name,
               null::interval, null::int4, null::interval, i_dead_interval) n
$$;


-- Closes a sub-consumer's batch. Returns 1; or 0, with a warning, when no sub-consumer has a batch
-- of that id (any more): whoever processed it must then roll back.
create function pgq_coop.finish_batch(i_batch_id bigint)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _main  pgq.subscription;
    _sub   pgq.subscription;
begin
    select s.* into _sub from pgq.subscription s where s.sub_batch = i_batch_id;
    if found then
        -- A consumer that shares its position with nobody has no row but its own: not ours to close.
        _main := pgq_coop._lock_main(_sub.sub_queue, _sub.sub_id);
        if _main.sub_id is not null then
            update pgq.subscription
               set sub_last_tick = null,
                   sub_next_tick = null,
                   sub_batch = null,
                   sub_active = clock_timestamp()
             where sub_batch = i_batch_id
               and sub_id = _main.sub_id;
            if found then
                return 1;
            end if;
        end if;
    end if;
    raise warning 'finish_batch: no sub-consumer has batch %', i_batch_id;
    return 0;
end;
$$;


revoke all on all functions in schema pgq_coop from public;
grant execute on function pgq_coop.version() to public;
grant execute on function
    pgq_coop.register_subconsumer(text, text, text),
    pgq_coop.unregister_subconsumer(text, text, text, integer),
    pgq_coop.next_batch(text, text, text),
    pgq_coop.next_batch(text, text, text, interval),
    pgq_coop.next_batch_custom(text, text, text, interval, int4, interval),
    pgq_coop.next_batch_custom(text, text, text, interval, int4, interval, interval),
    pgq_coop.finish_batch(bigint)
  to pgq_reader;
