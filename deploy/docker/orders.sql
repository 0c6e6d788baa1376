-- The example's application, in each source: its orders.
create table if not exists customer_order (
    id bigint generated always as identity primary key,
    customer text not null,
    amount numeric(8, 2) not null
);
