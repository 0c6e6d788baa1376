-- What the sessions of a server tell, by database, of transactions that have ended: as text that can
-- only be compared, and is another one when any has; it may also be when only one has begun.
--
-- A session that is not in a transaction shows its last statement's time, and one that is shows when
-- that transaction began. So a transaction in which one statement follows the other is no change, and
-- neither is one that goes on. What else is in pg_stat_activity costs five times as much, for hundreds
-- of sessions; it is asked for single ones alone.
--
-- The second parameter has the sessions that do not count, as they were known at the time that is the
-- first; younger ones are looked at one by one, by the condition that is filled in.
select datid,
       bool_or(unseen) as unseen,
       concat_ws(' ',
                 count(*),
                 max(began),
                 count(in_transaction_since),
                 sum(in_transaction_since - timestamptz 'epoch'),
                 sum(last_statement - timestamptz 'epoch') filter (where in_transaction_since is null))
         as seen,
       count(in_transaction_since) > 0 as in_transaction,
       count(*) filter (where newcomer) as newcomers
  from (
    select *,
           -- Another role's that may not be seen; one that is not tracked; but one that has not done
           -- anything yet is idle.
           began is null
             or (last_statement is null
                 and (select state is distinct from 'idle' from pg_stat_get_activity(pid))) as unseen,
           coalesce(began > ?, false) as newcomer
      from (
        select pg_stat_get_backend_dbid(id) as datid,
               pg_stat_get_backend_pid(id) as pid,
               pg_stat_get_backend_start(id) as began,
               pg_stat_get_backend_activity_start(id) as last_statement,
               pg_stat_get_backend_xact_start(id) as in_transaction_since
          from pg_stat_get_backend_idset() id
        offset 0) session
     where datid <> 0
    offset 0) session
 where not case when newcomer then exists (select from pg_stat_get_activity(pid) where %s)
                -- The one that had this process id may have been another, unless it is that old.
                else began is not null and pid in (select unnest(?::integer[])) end
 group by datid
