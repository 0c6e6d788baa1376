package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Provisioning.Step;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * PgQ as plain SQL, which its package ships beside the extension.
 *
 * @param path for people, and for psql
 */
record PgqSqlFile(Path path, String sql) {

  /** Part of the installing transaction: what does not leave a PgQ behind leaves nothing. */
  private static final String CONFIRM =
      """

      do $$ begin
        if to_regprocedure('pgq.create_queue(text)') is null then
          raise exception 'it is not the SQL of PgQ';
        end if;
      end $$;
      """;

  /** Reads the file when the option is parsed, so that a wrong name is wrong use. */
  static final class Converter implements ITypeConverter<PgqSqlFile> {
    @Override
    public PgqSqlFile convert(String value) {
      var path = Path.of(value).toAbsolutePath();
      try {
        return new PgqSqlFile(path, Files.readString(path));
      } catch (CharacterCodingException e) {
        throw new TypeConversionException(path + " is not a text in UTF-8");
      } catch (IOException e) {
        throw new TypeConversionException("cannot read " + path);
      }
    }
  }

  Step step() {
    return new Step(
        "install PgQ from " + path,
        sql + CONFIRM,
        "\\i '%s'".formatted(path.toString().replace("'", "''")),
        "");
  }
}
