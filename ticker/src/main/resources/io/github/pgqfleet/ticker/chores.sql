-- What there is to do beside ticks: events whose retry time has come, and maintenance.
--
-- A first call of pgq.maint_operations() costs a new session more than its ticks. It lists nothing
-- where autovacuum is on, neither pgq_node nor londiste is there, and no queue is in a rotation, due
-- for one, or has maintenance of its own; so says every PgQ of the versions named here, and any other
-- is asked, as is one that was installed from plain SQL and does not know its version. The parameter
-- says whether vacuum counts.
select exists (select from pgq.retry_queue where ev_retry_after <= now()) as retries,
       case
         when current_setting('autovacuum') = 'on'
              and to_regnamespace('pgq_node') is null
              and to_regnamespace('londiste') is null
              and exists (
                select from pg_extension
                 where extname = 'pgq' and extversion ~ '^3[.][2-5]([.]|$)')
              and not exists (
                select from pgq.queue
                 where queue_extra_maint is not null
                    or queue_switch_step2 is null
                    or queue_switch_time + queue_rotation_period < current_timestamp)
           then false
         else exists (select from pgq.maint_operations() where ? or func_name <> 'vacuum')
       end as maintenance
