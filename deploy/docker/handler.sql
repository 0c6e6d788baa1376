-- The example's handler, in the destination: counts what each customer has ordered.
create table if not exists order_total (
    customer text primary key,
    orders bigint not null,
    amount numeric not null
);

create or replace function handle_order(
    ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer, ev_type text, ev_data text,
    ev_extra1 text, ev_extra2 text, ev_extra3 text, ev_extra4 text)
returns void language sql as $$
    insert into order_total values (ev_data::json ->> 'customer', 1, (ev_data::json ->> 'amount')::numeric)
    on conflict (customer) do update
       set orders = order_total.orders + 1, amount = order_total.amount + excluded.amount
$$;
