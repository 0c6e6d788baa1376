package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Provisioning.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What the mover's role may do, and what it lacks, in the words of GRANT: {@code insert on
 * pgq.event_1_0, pgq.event_1_1}. Asks the server, so rights that come by membership count. On a
 * source it needs {@code pgq_reader}; on the destination it needs either {@code pgq_admin} or what
 * is listed here, which is exactly what {@link MoveBatch} and its neighbours use. Changes nothing.
 * As thread-safe as its connection: not.
 */
final class Privileges {

  /** By the catalogue: a name in a schema that one may not use cannot even be looked up. */
  private static final String STATE =
      """
      select 'usage on schema pgq_fleet'
       where has_schema_privilege(
               ?::name, (select oid from pg_namespace where nspname = 'pgq_fleet'), 'usage')
             is not true
      union all
      select rights || ' on pgq_fleet.' || name
        from (values ('position', 'select, insert, update'),
                     ('mover', 'select, insert, update, delete'),
                     ('drain', 'select, insert, update, delete')) needed (name, rights)
        left join (pg_class c join pg_namespace n on n.oid = relnamespace and nspname = 'pgq_fleet')
          on relname = name
       where not coalesce((select bool_and(has_table_privilege(?::name, c.oid, privilege))
                             from regexp_split_to_table(rights, ', ') privilege), false)
      union all
      select 'execute on function pgq.current_event_table(text)'
       where not has_function_privilege(?::name, 'pgq.current_event_table(text)', 'execute')""";

  /** Rotation takes turns with the children, so all of them. */
  private static final String EVENT_TABLES =
      """
      select %1$s || ' on ' || string_agg(t.name, ', ' order by t.i)
        from pgq.queue q,
             lateral (select i, pgq.quote_fqname(q.queue_data_pfx || '_' || i)
                        from generate_series(0, q.queue_ntables - 1) i) t (i, name)
       where q.queue_name = ? and not has_table_privilege(?::name, t.name, %1$s)
       group by q.queue_id""";

  private static final String EVENT_SEQUENCE =
      """
      select 'usage on sequence ' || pgq.quote_fqname(queue_event_seq)
        from pgq.queue
       where queue_name = ?
         and not has_sequence_privilege(?::name, pgq.quote_fqname(queue_event_seq), 'usage')""";

  private final Connection connection;
  private final String role;

  Privileges(Connection connection, String role) {
    this.connection = connection;
    this.role = role;
  }

  /** Whether it has the rights of another role. */
  boolean has(String other) throws SQLException {
    return rows("select 1 where pg_has_role(?::name, ?::name, 'USAGE')", role, other).size() == 1;
  }

  /** What it lacks on the mover's own state in the destination. */
  List<String> missingOnState() throws SQLException {
    return rows(STATE, role, role, role);
  }

  /** What it lacks to copy events into a queue; nothing of a queue that does not exist. */
  List<String> missingToFill(String queue) throws SQLException {
    var missing = new ArrayList<>(rows(EVENT_TABLES.formatted("'insert'"), queue, role));
    missing.addAll(rows(EVENT_SEQUENCE, queue, role));
    return missing;
  }

  /** What it lacks to read a queue's events; nothing of a queue that does not exist. */
  List<String> missingToRead(String queue) throws SQLException {
    return rows(EVENT_TABLES.formatted("'select'"), queue, role);
  }

  /** The grants that it lacks on the destination, for its own state and some queues. */
  List<Step> destinationGrants(Collection<String> queues, Collection<String> existing)
      throws SQLException {
    if (has("pgq_admin")) {
      return List.of();
    }
    var steps = new ArrayList<Step>();
    for (var missing : missingOnState()) {
      steps.add(grant(missing));
    }
    for (var queue : queues) {
      for (var missing : missingToFill(queue)) {
        steps.add(grant(missing));
      }
      if (!existing.contains(queue)) {
        steps.add(
            new Step(
                "grant what copying into queue %s takes to %s".formatted(queue, role),
                "-- insert on its event tables and usage on its event sequence, once it is there"));
      }
    }
    return steps;
  }

  /** The grant that it lacks on a source. */
  List<Step> sourceGrants() throws SQLException {
    return has("pgq_reader") ? List.of() : List.of(grant("pgq_reader"));
  }

  private Step grant(String what) throws SQLException {
    var grantee = rows("select quote_ident(?)", role).getFirst();
    return new Step("grant %s to %s".formatted(what, grantee), "grant " + what + " to " + grantee);
  }

  private List<String> rows(String sql, String... parameters) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (var rows = statement.executeQuery()) {
        var values = new ArrayList<String>();
        while (rows.next()) {
          values.add(rows.getString(1));
        }
        return values;
      }
    }
  }
}
