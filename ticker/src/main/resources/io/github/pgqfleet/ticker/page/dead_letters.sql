-- The dead letters, as JSON: how many of each queue and consumer, and the newest ones. Payloads stay
-- where they are. There may be millions, so each group is found by the index and counted up to 10,001.
with recursive of_group (consumer, queue) as (
  (select consumer_name, queue_name from pgq_fleet.dead_letter
    order by consumer_name, queue_name limit 1)
  union all
  select next.* from of_group cross join lateral (
    select consumer_name, queue_name from pgq_fleet.dead_letter
     where (consumer_name, queue_name) > (of_group.consumer, of_group.queue)
     order by consumer_name, queue_name limit 1) next
)
select json_build_object(
  'groups', (
    select coalesce(json_agg(letters order by letters.queue, letters.consumer), '[]') from (
      select queue,
             consumer,
             -- Not by equality, for then the planner may take another index, and read all.
             (select count(*) from (
                select consumer_name, queue_name from pgq_fleet.dead_letter
                 where (consumer_name, queue_name, id) > (of_group.consumer, of_group.queue, 0)
                 order by consumer_name, queue_name, id
                 limit 10001) its
               where consumer_name = of_group.consumer and queue_name = of_group.queue) as number
        from of_group
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
