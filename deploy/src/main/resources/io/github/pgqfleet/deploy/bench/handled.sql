-- What handlers write: a row an event, as the application's own table would have it. Nothing is unique
-- in it, so that what is handled twice shows.
create schema app;

create table app.handled (
    queue      text         not null,
    ev_time    timestamptz  not null,
    ev_type    text,
    ev_data    text,
    ev_extra1  text,
    ev_extra2  text,
    ev_extra3  text,
    ev_extra4  text,
    handled    timestamptz  not null default clock_timestamp()
);
