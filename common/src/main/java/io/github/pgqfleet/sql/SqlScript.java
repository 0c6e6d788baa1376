package io.github.pgqfleet.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** SQL that a module carries as a resource beside its classes. Stateless. */
public final class SqlScript {

  private SqlScript() {}

  /**
   * The text of a script.
   *
   * @param owner a class in the package where the script lies
   * @throws IllegalArgumentException when there is no such resource
   */
  public static String load(Class<?> owner, String name) {
    try (var in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no script " + name + " beside " + owner.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
