-- The mover's state in the destination database; may be run again at any time.

create schema if not exists pgq_fleet;
comment on schema pgq_fleet is 'State of pgq-fleet: mover positions, heartbeats, dead letters.';

-- How far each source queue has been delivered into this database. A row is updated in the same
-- transaction as the events that it stands for, and only from the tick before them: that is what
-- makes delivery exactly-once.
create table if not exists pgq_fleet.position (
    source          text        not null,
    queue_name      text        not null,
    consumer_name   text        not null,
    -- registering: the consumer on the source is about to be created, or was, and nothing has been
    -- delivered yet. Only such a row takes over whatever position the consumer has.
    state           text        not null default 'registering'
                                check (state in ('registering', 'active')),
    tick_id         bigint,
    tick_time       timestamptz,
    tick_event_seq  bigint,
    moved_at        timestamptz not null default now(),
    primary key (source, queue_name, consumer_name),
    check ((state = 'active') = (tick_id is not null)),
    check ((tick_id is null) = (tick_time is null) and (tick_id is null) = (tick_event_seq is null))
)
-- Every batch updates a row in place.
with (fillfactor = 50);

comment on table pgq_fleet.position is
    'The last tick of each source queue that has been delivered into this database.';

grant usage on schema pgq_fleet to pgq_admin;
grant select, insert, update on pgq_fleet.position to pgq_admin;

-- The movers that run, as each says itself with every heartbeat. They share the source databases by
-- it. Nothing is delivered twice or lost whatever stands here: that is the positions' task.
create table if not exists pgq_fleet.mover (
    mover_id        text        primary key,
    consumer_name   text        not null,
    host            text        not null,
    started_at      timestamptz not null default now(),
    beat_at         timestamptz not null default now(),
    -- Without another heartbeat until then it counts as dead.
    alive_until     timestamptz not null,
    -- Since when its heartbeats have come without a gap: so long it can judge the others'.
    steady_since    timestamptz not null,
    -- The source databases that it leads, and those that it would lead if their leader let it.
    leads           text[]      not null default '{}',
    ready           text[]      not null default '{}',
    -- What it moves, a route each, for `mover status`.
    figures         jsonb       not null default '[]'
)
with (fillfactor = 50);

comment on table pgq_fleet.mover is 'The movers'' heartbeats, and what each of them leads.';

grant select, insert, update, delete on pgq_fleet.mover to pgq_admin;

-- Source databases that `mover drain` empties, or has emptied.
create table if not exists pgq_fleet.drain (
    source          text        not null,
    consumer_name   text        not null,
    since           timestamptz not null default now(),
    -- draining: its events are still moved. drained: no mover leads it.
    state           text        not null default 'draining'
                                check (state in ('draining', 'drained')),
    primary key (source, consumer_name)
);

comment on table pgq_fleet.drain is 'Source databases that the movers leave alone, for maintenance.';

grant select, insert, update, delete on pgq_fleet.drain to pgq_admin;
