-- The dead letters, as JSON: how many of each queue and consumer, and the newest ones. Payloads stay
-- where they are.
select json_build_object(
  'groups', (
    select coalesce(json_agg(letters order by letters.queue, letters.consumer), '[]') from (
      select queue_name as queue, consumer_name as consumer, count(*) as number
        from pgq_fleet.dead_letter
       group by queue_name, consumer_name
    ) letters),
  'newest', (
    select coalesce(json_agg(letter order by letter.id desc), '[]') from (
      select id,
             queue_name as queue,
             consumer_name as consumer,
             ev_id as event,
             ev_type as type,
             attempts,
             extract(epoch from clock_timestamp() - failed_at)::float8 as age,
             left(error, 300) as error
        from pgq_fleet.dead_letter
       order by id desc
       limit 50
    ) letter)
)::text
