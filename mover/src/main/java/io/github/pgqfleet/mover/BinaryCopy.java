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

  private BinaryCopy() {}

  /** Reads rows. Not thread-safe. */
  static final class Reader {

    private static final int NUMBER_BYTES = Integer.BYTES;

    private final CopyOut copy;
    private final boolean numbered;
    private boolean started;

    /**
     * @param numbered whether the first column, an integer, is the number of the row's destination
     *     queue; it is taken off
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
          return numbered ? numbered(bytes, offset) : new CopyRow(0, bytes, offset);
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
    private static CopyRow numbered(byte[] bytes, int offset) throws SQLException {
      var row = ByteBuffer.wrap(bytes);
      var fields = row.getShort(offset);
      if (row.getInt(offset + Short.BYTES) != NUMBER_BYTES) {
        throw new SQLException("the source's COPY does not begin its rows with an integer");
      }
      var number = row.getInt(offset + Short.BYTES + Integer.BYTES);
      var rest = offset + Integer.BYTES + NUMBER_BYTES;
      row.putShort(rest, (short) (fields - 1));
      return new CopyRow(number, bytes, rest);
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
