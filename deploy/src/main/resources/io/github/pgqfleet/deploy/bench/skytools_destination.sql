-- What Skytools' SerialConsumer asks of a destination: the last tick that was delivered, by consumer.
create schema pgq_ext;

create table pgq_ext.completed_tick (
    consumer_id   text   primary key,
    last_tick_id  bigint not null
) with (fillfactor = 50);

create function pgq_ext.get_last_tick(consumer text) returns bigint language sql stable as $$
    select last_tick_id from pgq_ext.completed_tick where consumer_id = consumer
$$;

create function pgq_ext.set_last_tick(consumer text, tick_id bigint) returns void language sql as $$
    insert into pgq_ext.completed_tick values (consumer, tick_id)
    on conflict (consumer_id) do update set last_tick_id = excluded.last_tick_id
$$;
