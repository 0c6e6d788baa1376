-- The movers by their heartbeats, as JSON: those that are alive first. Ages are in seconds.
select json_build_object(
  'movers', (
    select coalesce(json_agg(mover order by mover.alive desc, mover.id), '[]') from (
      select mover_id as id,
             consumer_name as consumer,
             host,
             alive_until > now() as alive,
             extract(epoch from clock_timestamp() - beat_at)::float8 as beat,
             to_json(leads) as leads,
             figures
        from pgq_fleet.mover
    ) mover),
  'drains', (
    select coalesce(json_agg(drain order by drain.source), '[]') from (
      select source, consumer_name as consumer, state from pgq_fleet.drain
    ) drain)
)::text
