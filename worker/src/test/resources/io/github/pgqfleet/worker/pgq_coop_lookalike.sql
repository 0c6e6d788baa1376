-- A pgq_coop with the weak points of the published one, for tests: a takeover keeps the batch's id,
-- reads the dead row without a lock, and deletes idle siblings; finish_batch asks for the id alone.

create schema pgq_coop;

create function pgq_coop.version() returns text language sql as $$ select 'look-alike'::text $$;

create function pgq_coop.register_subconsumer(q text, c text, s text) returns integer
language plpgsql as $$
declare
    main  pgq.subscription;
begin
    perform pgq.register_consumer(q, c);
    select m.* into main
      from pgq.subscription m, pgq.queue, pgq.consumer
     where queue_name = q and co_name = c and m.sub_queue = queue_id and m.sub_consumer = co_id
       for update of m;
    insert into pgq.consumer (co_name) values (c || '.' || s) on conflict do nothing;
    insert into pgq.subscription (sub_id, sub_queue, sub_consumer)
    select main.sub_id, main.sub_queue, co_id from pgq.consumer where co_name = c || '.' || s
        on conflict do nothing;
    return case when found then 1 else 0 end;
end $$;

create function pgq_coop.unregister_subconsumer(q text, c text, s text, handling integer)
returns integer language plpgsql as $$
begin
    if handling = 0 and exists (
        select from pgq.subscription, pgq.consumer, pgq.queue
         where queue_name = q and co_name = c || '.' || s
           and sub_queue = queue_id and sub_consumer = co_id and sub_batch is not null)
    then
        raise exception 'sub-consumer has a batch open';
    end if;
    delete from pgq.subscription using pgq.consumer, pgq.queue
     where queue_name = q and co_name = c || '.' || s
       and sub_queue = queue_id and sub_consumer = co_id;
    return case when found then 1 else 0 end;
end $$;

create function pgq_coop.next_batch(q text, c text, s text, dead interval) returns bigint
language plpgsql as $$
declare
    main    pgq.subscription;
    sub     pgq.subscription;
    victim  pgq.subscription;
    n       record;
begin
    select m.* into main
      from pgq.subscription m, pgq.queue, pgq.consumer
     where queue_name = q and co_name = c and m.sub_queue = queue_id and m.sub_consumer = co_id
       for update of m;
    select x.* into sub
      from pgq.subscription x, pgq.consumer
     where co_name = c || '.' || s and x.sub_queue = main.sub_queue and x.sub_consumer = co_id;
    if not found then
        perform pgq_coop.register_subconsumer(q, c, s);
        return pgq_coop.next_batch(q, c, s, dead);
    end if;
    if sub.sub_batch is not null then
        update pgq.subscription set sub_active = now()
         where sub_queue = sub.sub_queue and sub_consumer = sub.sub_consumer;
        return sub.sub_batch;
    end if;
    if dead is not null then
        select x.* into victim
          from pgq.subscription x
         where x.sub_id = main.sub_id
           and x.sub_consumer not in (main.sub_consumer, sub.sub_consumer)
           and x.sub_active < now() - dead
         order by x.sub_batch nulls last
         limit 1;
        if found then
            delete from pgq.subscription
             where sub_queue = victim.sub_queue and sub_consumer = victim.sub_consumer;
            if victim.sub_batch is not null then
                update pgq.subscription
                   set sub_batch = victim.sub_batch, sub_last_tick = victim.sub_last_tick,
                       sub_next_tick = victim.sub_next_tick, sub_active = now()
                 where sub_queue = sub.sub_queue and sub_consumer = sub.sub_consumer;
                return victim.sub_batch;
            end if;
        end if;
    end if;
    select * into n from pgq.next_batch_info(q, c);
    if n.batch_id is null then
        return null;
    end if;
    update pgq.subscription
       set sub_last_tick = n.cur_tick_id, sub_next_tick = null, sub_batch = null
     where sub_queue = main.sub_queue and sub_consumer = main.sub_consumer;
    update pgq.subscription
       set sub_last_tick = n.prev_tick_id, sub_next_tick = n.cur_tick_id, sub_batch = n.batch_id,
           sub_active = now()
     where sub_queue = sub.sub_queue and sub_consumer = sub.sub_consumer;
    return n.batch_id;
end $$;

create function pgq_coop.next_batch(q text, c text, s text) returns bigint
language sql as $$ select pgq_coop.next_batch(q, c, s, null) $$;

create function pgq_coop.finish_batch(b bigint) returns integer
language plpgsql as $$
begin
    update pgq.subscription
       set sub_last_tick = null, sub_next_tick = null, sub_batch = null, sub_active = now()
     where sub_batch = b;
    return case when found then 1 else 0 end;
end $$;
