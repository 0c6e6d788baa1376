-- Queues that workers leave alone. Installed and upgraded by `worker provision`, in one transaction;
-- may be run again at any time.

create schema if not exists pgq_fleet;
grant usage on schema pgq_fleet to pgq_admin, pgq_reader;

-- The revision of this file; raised with each change of it.
create or replace function pgq_fleet.flow_revision()
returns integer
language sql immutable
as $$ select 1 $$;

-- While a row is here, no worker of the consumer asks for a batch of the queue; batches that are
-- open are finished. See `worker pause --help`.
create table if not exists pgq_fleet.paused_queue (
    queue_name      text         not null,
    consumer_name   text         not null,
    paused_at       timestamptz  not null default now(),
    paused_by       text         not null default session_user,
    primary key (queue_name, consumer_name)
);

comment on table pgq_fleet.paused_queue is 'Queues that a consumer''s workers leave alone.';

-- Whoever consumes could also stop consuming.
grant select, insert, delete on pgq_fleet.paused_queue to pgq_reader, pgq_admin;
