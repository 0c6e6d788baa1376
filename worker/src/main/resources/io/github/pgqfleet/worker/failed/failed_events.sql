-- Set-wise retry of failed events, and the dead letters. Installed and upgraded by `worker
-- provision`, in one transaction, by an owner of PgQ's tables; may be run again at any time.
--
-- The functions act with their owner's rights, since only pgq_admin may write into PgQ's retry queue.
-- What they let a consumer do is no more than pgq.event_retry does: put events of an open batch aside.

create schema if not exists pgq_fleet;
grant usage on schema pgq_fleet to pgq_admin, pgq_reader;

-- The revision of this file; raised with each change of it.
create or replace function pgq_fleet.failed_events_revision()
returns integer
language sql immutable
as $$ select 1 $$;


-- Events that a consumer could not handle at their last attempt, each with its error. Rows are
-- written in the transaction that finishes the batch, so an event is handled, retried or here.
create table if not exists pgq_fleet.dead_letter (
    id                bigint       generated always as identity primary key,
    queue_name        text         not null,
    consumer_name     text         not null,
    -- Who worked on its last batch, and which that was.
    subconsumer_name  text         not null,
    batch_id          bigint       not null,
    -- How often it was tried: ev_retry + 1.
    attempts          integer      not null,
    failed_at         timestamptz  not null default clock_timestamp(),
    error             text         not null,
    stack             text,
    ev_id             bigint       not null,
    ev_time           timestamptz  not null,
    ev_txid           bigint       not null,
    ev_retry          integer      not null,
    ev_type           text,
    ev_data           text,
    ev_extra1         text,
    ev_extra2         text,
    ev_extra3         text,
    ev_extra4         text
);

create index if not exists dead_letter_consumer_idx
    on pgq_fleet.dead_letter (consumer_name, queue_name, id);

comment on table pgq_fleet.dead_letter is
    'Events that failed at their last attempt; see `worker dead --help`.';

-- Whoever consumes can read the events anyway.
grant select on pgq_fleet.dead_letter to pgq_reader, pgq_admin;


-- Puts failed events of an open batch aside, in one scan of the batch: into PgQ's retry queue, to come
-- again after their delay to this consumer alone, or into the dead letters, where the delay is null.
-- To be called in the transaction that finishes the batch. Returns how many went where; raises when
-- the batch is not open (SQLSTATE P0002), or an event is not in it.
--
-- The retry queue holds an event once a consumer. Where it holds one of that id already, as it may
-- after a queue's sequence was set back, the event is kept as a dead letter.
create or replace function pgq_fleet.fail_events(
    i_batch_id  bigint,
    i_ev_ids    bigint[],
    i_delays    interval[],
    i_errors    text[],
    i_stacks    text[],
    out retried bigint,
    out dead    bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _batch  record;
    _found  bigint;
begin
    -- The main consumer of a group is the row that has a position and no batch; a consumer that has
    -- no group has one row.
    select s.sub_id, s.sub_queue, q.queue_name, c.co_name as member_name,
           coalesce((select mc.co_name
                       from pgq.subscription m
                       join pgq.consumer mc on mc.co_id = m.sub_consumer
                      where m.sub_queue = s.sub_queue
                        and m.sub_id = s.sub_id
                        and m.sub_last_tick is not null
                        and m.sub_next_tick is null), c.co_name) as consumer_name
      into _batch
      from pgq.subscription s
      join pgq.queue q on q.queue_id = s.sub_queue
      join pgq.consumer c on c.co_id = s.sub_consumer
     where s.sub_batch = i_batch_id;
    if not found then
        raise exception 'batch % is not open', i_batch_id
              using errcode = 'no_data_found',
                    hint = 'It was finished, or another sub-consumer has taken it over.';
    end if;

    execute format($sql$
        with failed as materialized (
            select b.*, f.error, f.stack,
                   case when row_number() over (partition by b.ev_id) = 1
                             and not exists (select from pgq.retry_queue r
                                              where r.ev_owner = $6 and r.ev_id = b.ev_id)
                        then f.delay
                   end as delay
              from (%s) b
              join unnest($1, $2, $3, $4) as f (ev_id, delay, error, stack) on f.ev_id = b.ev_id
        ),
        retried as (
            insert into pgq.retry_queue (
                   ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_retry,
                   ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4)
            select clock_timestamp() + f.delay, $7, f.ev_id, f.ev_time, $6,
                   coalesce(f.ev_retry, 0) + 1,
                   f.ev_type, f.ev_data, f.ev_extra1, f.ev_extra2, f.ev_extra3, f.ev_extra4
              from failed f
             where f.delay is not null
            returning ev_id
        ),
        dead as (
            insert into pgq_fleet.dead_letter (
                   queue_name, consumer_name, subconsumer_name, batch_id, attempts, error, stack,
                   ev_id, ev_time, ev_txid, ev_retry,
                   ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4)
            select $8, $9, $10, $5, coalesce(f.ev_retry, 0) + 1,
                   coalesce(f.error, 'it is in the retry queue already'), f.stack,
                   f.ev_id, f.ev_time, f.ev_txid, coalesce(f.ev_retry, 0),
                   f.ev_type, f.ev_data, f.ev_extra1, f.ev_extra2, f.ev_extra3, f.ev_extra4
              from failed f
             where f.delay is null
             order by f.ev_id
            returning ev_id
        )
        select (select count(*) from retried),
               (select count(*) from dead),
               (select count(distinct ev_id) from failed)
        $sql$, pgq.batch_event_sql(i_batch_id))
       into retried, dead, _found
      using i_ev_ids, i_delays, i_errors, i_stacks, i_batch_id,
            _batch.sub_id, _batch.sub_queue, _batch.queue_name, _batch.consumer_name,
            _batch.member_name;

    if _found <> cardinality(i_ev_ids) then
        raise exception 'of % failed events % are in batch %',
              cardinality(i_ev_ids), _found, i_batch_id
              using errcode = 'invalid_parameter_value',
                    hint = 'Name each event of the batch once.';
    end if;
end;
$$;


-- Hands dead letters back to their consumer, and to no other: through PgQ's retry queue, due now, with
-- all their attempts before them. Returns how many; left as they are: those whose queue or consumer
-- is not there any more, and those of which the retry queue holds an event of the same id already.
create or replace function pgq_fleet.replay_dead_letters(i_ids bigint[])
returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Of two that are alike the older goes first; the other may follow when that is done.
    with oldest as (
        select distinct on (d.consumer_name, d.queue_name, d.ev_id) d.id
          from pgq_fleet.dead_letter d
         where d.id = any (i_ids)
         order by d.consumer_name, d.queue_name, d.ev_id, d.id
    ),
    taken as (
        delete from pgq_fleet.dead_letter d
         using oldest o, pgq.queue q, pgq.consumer c, pgq.subscription s
         where d.id = o.id
           and q.queue_name = d.queue_name
           and c.co_name = d.consumer_name
           and s.sub_queue = q.queue_id
           and s.sub_consumer = c.co_id
           and not exists (select from pgq.retry_queue r
                            where r.ev_owner = s.sub_id and r.ev_id = d.ev_id)
        returning d.*, s.sub_id, s.sub_queue
    ),
    replayed as (
        insert into pgq.retry_queue (
               ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_retry,
               ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4)
        select clock_timestamp(), t.sub_queue, t.ev_id, t.ev_time, t.sub_id, 0,
               t.ev_type, t.ev_data, t.ev_extra1, t.ev_extra2, t.ev_extra3, t.ev_extra4
          from taken t
        returning ev_id
    )
    select count(*) from replayed
$$;


-- Deletes dead letters for good; returns how many.
create or replace function pgq_fleet.drop_dead_letters(i_ids bigint[])
returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
    with dropped as (
        delete from pgq_fleet.dead_letter d
         where d.id = any (i_ids)
        returning d.id
    )
    select count(*) from dropped
$$;


revoke all on function
    pgq_fleet.fail_events(bigint, bigint[], interval[], text[], text[]),
    pgq_fleet.replay_dead_letters(bigint[]),
    pgq_fleet.drop_dead_letters(bigint[])
  from public;
grant execute on function
    pgq_fleet.fail_events(bigint, bigint[], interval[], text[], text[]),
    pgq_fleet.replay_dead_letters(bigint[]),
    pgq_fleet.drop_dead_letters(bigint[])
  to pgq_reader, pgq_admin;
