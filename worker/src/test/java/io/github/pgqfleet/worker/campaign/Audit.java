package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.fixture.TestDatabase;
import java.util.ArrayList;
import java.util.List;

/** Compares what was handled with what was written, exactly, in the database. Stateless. */
final class Audit {

  /** How often an event is tried. */
  static final int ATTEMPTS = 4;

  private static final String TWICE =
      """
      select 'handled twice: ' || queue || ' ' || transaction || ' ' || number
        from handled group by queue, transaction, number having count(*) > 1""";

  private static final String TORN =
      """
      select 'torn: ' || queue || ' ' || transaction || ', handled by ' || count(distinct by)
        from handled join written using (queue, transaction, number)
       where fate = 'HANDLED'
       group by queue, transaction having count(distinct by) > 1""";

  private static final String DEAD =
      """
      select queue_name as queue, split_part(ev_data, ' ', 1)::bigint as transaction,
             split_part(ev_data, ' ', 2)::int as number, attempts
        from pgq_fleet.dead_letter""";

  /**
   * The attempt at which an event was handled or died is that of its fate: none took an attempt.
   */
  private static final String WRONG_END =
      """
      with dead as (%s)
      select queue || ' ' || transaction || ' ' || number || ' was to be ' || coalesce(fate, '(never)')
             || ', but was handled at retries ' || coalesce(retries::text, 'none')
             || ', dead after attempts ' || coalesce(attempts::text, 'none')
        from written
        full join (select queue, transaction, number, array_agg(retry) as retries
                     from handled group by 1, 2, 3) h using (queue, transaction, number)
        full join (select queue, transaction, number, array_agg(attempts) as attempts
                     from dead group by 1, 2, 3) d using (queue, transaction, number)
       where (fate, retries, attempts) is distinct from (fate,
               case fate when 'HANDLED' then array[0] when 'FAILS_ONCE' then array[1]
                         when 'FAILS_TWICE' then array[2] end,
               case fate when 'DEAD' then array[1] when 'FAILS' then array[%d] end)
          or fate is null
       limit 20"""
          .formatted(DEAD, ATTEMPTS);

  private Audit() {}

  /** What can be seen to be wrong while events are still being handled. */
  static List<String> violations(TestDatabase database) {
    var wrong = new ArrayList<>(database.strings(TWICE));
    wrong.addAll(database.strings(TORN));
    return wrong;
  }

  /** Everything that is wrong when all should have been handled. */
  static List<String> differences(TestDatabase database) {
    var wrong = violations(database);
    wrong.addAll(database.strings(WRONG_END));
    return wrong;
  }
}
