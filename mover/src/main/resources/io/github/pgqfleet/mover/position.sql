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
