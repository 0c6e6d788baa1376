package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.api.HandlerProvider;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A jar as users put it into the handlers directory, made of a test's classes. Stateless. */
public final class HandlersJar {

  private HandlersJar() {}

  /** Writes a jar with the provider, and what is nested in it, as a service. */
  public static void write(Path jar, Class<? extends HandlerProvider> provider)
      throws IOException, URISyntaxException {
    var classes = Path.of(provider.getProtectionDomain().getCodeSource().getLocation().toURI());
    var folder = provider.getPackageName().replace('.', '/');
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files =
            Files.newDirectoryStream(
                classes.resolve(folder), provider.getSimpleName() + "*.class")) {
      for (var file : files) {
        out.putNextEntry(new JarEntry(folder + "/" + file.getFileName()));
        out.write(Files.readAllBytes(file));
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + HandlerProvider.class.getName()));
      out.write(provider.getName().getBytes(StandardCharsets.UTF_8));
    }
  }
}
