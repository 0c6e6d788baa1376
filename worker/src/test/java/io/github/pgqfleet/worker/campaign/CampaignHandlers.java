package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.DeadEventException;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;

/**
 * The handler {@code campaign}: records each event by the function {@code campaign_record}, then
 * fails where that is the event's fate. {@link #SQL} is the same as a function, and the table.
 */
public final class CampaignHandlers implements HandlerProvider {

  static final String SQL =
      """
      create table handled (
          queue text, transaction bigint, number int, retry int,
          by bigint not null default txid_current());

      create function campaign_record(i_queue text, i_data text, i_retry int) returns void
      language sql as $$
          insert into handled (queue, transaction, number, retry)
          values (i_queue, split_part(i_data, ' ', 1)::bigint, split_part(i_data, ' ', 2)::int,
                  i_retry)
      $$;

      create procedure campaign_call(i_queue text, i_data text, i_retry int)
      language sql as $$ select campaign_record(i_queue, i_data, i_retry) $$;

      create function campaign_handle(ev_id bigint, ev_time timestamptz, ev_txid bigint,
          ev_retry integer, ev_type text, ev_data text, ev_extra1 text, ev_extra2 text,
          ev_extra3 text, ev_extra4 text) returns void language plpgsql as $$
      begin
          perform campaign_record(ev_extra1, ev_data, ev_retry);
          if ev_type = 'DEAD' then
              raise exception 'dead' using errcode = 'PQ001';
          elsif ev_type = 'FAILS' or (ev_type = 'FAILS_ONCE' and ev_retry < 1)
                or (ev_type = 'FAILS_TWICE' and ev_retry < 2) then
              raise exception 'told to fail';
          end if;
      end $$;
      """;

  private static final String RECORD = "select campaign_record(?, ?, ?)";
  private static final String CALL = "call campaign_call(?, ?, ?)";

  @Override
  public String name() {
    return "campaign";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    return settings.getOrDefault("by", "event").equals("event")
        ? (EventHandler) CampaignHandlers::send
        : (BatchHandler)
            (events, delivery) -> {
              for (var event : events) {
                write(event, delivery);
              }
            };
  }

  private static void send(Event event, Delivery delivery) throws SQLException {
    delivery.send(CALL, record -> set(record, event, delivery));
    failByType(event);
  }

  private static void write(Event event, Delivery delivery) throws SQLException {
    try (var record = delivery.connection().prepareStatement(RECORD)) {
      set(record, event, delivery);
      record.execute();
    }
    failByType(event);
  }

  private static void set(PreparedStatement record, Event event, Delivery delivery)
      throws SQLException {
    record.setString(1, delivery.queue());
    record.setString(2, event.data());
    record.setInt(3, event.retry());
  }

  private static void failByType(Event event) {
    // Without Fate, which is not in the jar.
    var type = String.valueOf(event.type());
    if (type.equals("DEAD")) {
      throw new DeadEventException("dead");
    }
    if (type.equals("FAILS")
        || (type.equals("FAILS_ONCE") && event.retry() < 1)
        || (type.equals("FAILS_TWICE") && event.retry() < 2)) {
      throw new IllegalStateException("told to fail");
    }
  }
}
