create function app.handle_%1$s(
    ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer, ev_type text, ev_data text,
    ev_extra1 text, ev_extra2 text, ev_extra3 text, ev_extra4 text)
returns void language sql as $$
    insert into app.handled (queue, ev_time, ev_type, ev_data)
    values ('%1$s', ev_time, ev_type, ev_data)
$$;
