package io.github.pgqfleet.mover;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** The frame of PostgreSQL's binary COPY: what stands before, between and after the rows. */
final class BinaryCopy {

  /** Signature, no flags, no extension: see COPY in PostgreSQL's manual. */
  private static final byte[] HEADER =
      ByteBuffer.allocate(19)
          .put("PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1))
          .putInt(0)
          .putInt(0)
          .array();

  private static final byte[] TRAILER = {-1, -1};

  /** An integer with its length. */
  private static final int NUMBER_BYTES = 2 * Integer.BYTES;

  private BinaryCopy() {}

  /** A row of fields, each as the binary form of its type, or null. */
  static byte[] row(byte[] @Nullable [] fields) {
    var length = Short.BYTES + fields.length * Integer.BYTES;
    for (var field : fields) {
      length += field == null ? 0 : field.length;
    }
    var row = ByteBuffer.allocate(length).putShort((short) fields.length);
    for (var field : fields) {
      if (field == null) {
        row.putInt(-1);
      } else {
        row.putInt(field.length).put(field);
      }
    }
    return row.array();
  }

  /** Reads rows. Not thread-safe. */
  static final class Reader {

    private final CopyOut copy;
    private final boolean numbered;
    private boolean started;

    /**
     * @param numbered whether the number of its destination queue in the route, an integer, stands
     *     before an event's columns; it is taken off
     */
    Reader(CopyOut copy, boolean numbered) {
      this.copy = copy;
      this.numbered = numbered;
    }

    /** The next row, or null at the end. */
    @Nullable CopyRow next() throws SQLException {
      for (var bytes = copy.readFromCopy(); bytes != null; bytes = copy.readFromCopy()) {
        var offset = started ? 0 : header(bytes);
        started = true;
        if (offset < bytes.length && !isTrailer(bytes, offset)) {
          return row(bytes, offset);
        }
      }
      return null;
    }

    /** Comes with the first row, or with the trailer where there is none. */
    private static int header(byte[] bytes) throws SQLException {
      if (Arrays.mismatch(bytes, 0, Math.min(bytes.length, HEADER.length), HEADER, 0, HEADER.length)
          >= 0) {
        throw new SQLException("the source's COPY does not begin as a binary COPY does");
      }
      return HEADER.length;
    }

    private static boolean isTrailer(byte[] bytes, int offset) {
      return bytes[offset] == TRAILER[0] && bytes[offset + 1] == TRAILER[1];
    }

    /** A row is its number of fields, and for each a length and that many bytes. */
    private CopyRow row(byte[] bytes, int offset) throws SQLException {
      if (!numbered) {
        return new CopyRow(0, bytes, offset);
      }
      var row = ByteBuffer.wrap(bytes);
      var first = offset + Short.BYTES;
      if (row.getInt(first) != Integer.BYTES) {
        throw new SQLException("the source's COPY does not begin its rows with an integer");
      }
      var queue = row.getInt(first + Integer.BYTES);
      // The row begins where its first field has been, and has one less.
      var rest = offset + NUMBER_BYTES;
      row.putShort(rest, (short) (row.getShort(offset) - 1));
      return new CopyRow(queue, bytes, rest);
    }
  }

  /** Writes rows into one table. Not thread-safe. */
  static final class Writer {

    /** The driver looks for an answer at each write, which costs more than a row does. */
    private static final int CHUNK_BYTES = 32 * 1024;

    private final CopyIn copy;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int filled;

    /** Begins a COPY of {@link OriginColumn#TARGET} into a table, whose name is quoted. */
    Writer(Connection destination, String table) throws SQLException {
      copy =
          destination
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "copy %s (%s) from stdin (format binary)".formatted(table, OriginColumn.TARGET));
      write(HEADER, 0);
    }

    void write(CopyRow row) throws SQLException {
      write(row.bytes(), row.offset());
    }

    /** Ends the COPY; returns how many rows the server took. */
    long end() throws SQLException {
      write(TRAILER, 0);
      flush();
      return copy.endCopy();
    }

    private void write(byte[] bytes, int offset) throws SQLException {
      var length = bytes.length - offset;
      if (length > CHUNK_BYTES - filled) {
        flush();
      }
      if (length > CHUNK_BYTES) {
        copy.writeToCopy(bytes, offset, length);
      } else {
        System.arraycopy(bytes, offset, chunk, filled, length);
        filled += length;
      }
    }

    private void flush() throws SQLException {
      copy.writeToCopy(chunk, 0, filled);
      filled = 0;
    }

    /** Ends the COPY without its rows, so that the transaction can be rolled back. */
    void giveUp(Exception reason) {
      try {
        if (copy.isActive()) {
          copy.cancelCopy();
        }
      } catch (SQLException e) {
        reason.addSuppressed(e);
      }
    }
  }
}
