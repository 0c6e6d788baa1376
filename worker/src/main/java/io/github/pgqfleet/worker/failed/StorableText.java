package io.github.pgqfleet.worker.failed;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/**
 * Makes any text one that a database can store: an error that it refused would keep its batch from
 * ever being finished. Immutable.
 *
 * @param ascii whether only ASCII is sure to be in the database's encoding
 */
record StorableText(boolean ascii) {

  static StorableText of(Connection connection) throws SQLException {
    var encoding = connection.unwrap(PGConnection.class).getParameterStatus("server_encoding");
    return new StorableText(!"UTF8".equals(encoding));
  }

  /** The text without what cannot be stored, and cut to a length in characters. */
  String of(String text, int longest) {
    var cut = text.length() > longest ? text.substring(0, longest) + " ..." : text;
    var storable = new StringBuilder(cut.length());
    cut.codePoints()
        .forEach(
            c -> {
              boolean halfAPair = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
              storable.appendCodePoint(c == 0 || halfAPair || (ascii && c > 127) ? '?' : c);
            });
    return storable.toString();
  }
}
