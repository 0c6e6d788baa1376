package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.worker.api.HandlerProvider;
import io.github.pgqfleet.worker.batch.BatchWork;
import io.github.pgqfleet.worker.batch.JavaWork;
import io.github.pgqfleet.worker.batch.SqlFunctionWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The handlers that can be had: those of the providers on the class path and in the jars of the
 * handlers directory, and functions in the database. Thread-safe; closing it closes the jars.
 */
final class HandlerCatalog implements AutoCloseable {

  private final URLClassLoader loader;
  private final SortedMap<String, HandlerProvider> providers;
  private final Path directory;

  private HandlerCatalog(
      URLClassLoader loader, SortedMap<String, HandlerProvider> providers, Path directory) {
    this.loader = loader;
    this.providers = providers;
    this.directory = directory;
  }

  /**
   * Finds the providers.
   *
   * @throws ConfigurationException when one cannot be loaded, or two have the same name
   */
  static HandlerCatalog load(Path directory) {
    var loader = new URLClassLoader(jars(directory), HandlerCatalog.class.getClassLoader());
    var providers = new TreeMap<String, HandlerProvider>();
    var problems = new ArrayList<String>();
    try {
      for (var provider : ServiceLoader.load(HandlerProvider.class, loader)) {
        var other = providers.putIfAbsent(provider.name(), provider);
        if (other != null) {
          problems.add(
              "two handlers are named \"%s\": %s and %s; remove one of the jars in %s"
                  .formatted(
                      provider.name(),
                      other.getClass().getName(),
                      provider.getClass().getName(),
                      directory.toAbsolutePath()));
        }
      }
    } catch (ServiceConfigurationError e) {
      problems.add(
          "a handler cannot be loaded from %s: %s"
              .formatted(directory.toAbsolutePath(), e.getMessage()));
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new HandlerCatalog(loader, providers, directory);
  }

  private static URL[] jars(Path directory) {
    if (!Files.isDirectory(directory)) {
      return new URL[0];
    }
    try (var files = Files.newDirectoryStream(directory, "*.jar")) {
      var urls = new ArrayList<URL>();
      for (var file : files) {
        urls.add(file.toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the handlers directory " + directory, e);
    }
  }

  /**
   * Makes what a queue's sub-consumers work with, one for each.
   *
   * @throws ConfigurationException naming the queue, when its handler is unknown or refuses its
   *     settings
   */
  List<BatchWork> create(WorkerConfig.Queue queue, int fetchSize) {
    var works = new ArrayList<BatchWork>();
    for (int slot = 1; slot <= queue.workers(); slot++) {
      works.add(
          switch (queue.handler()) {
            case HandlerSpec.SqlFunction(var function) -> new SqlFunctionWork(function);
            case HandlerSpec.Java java -> java(queue.name(), java, fetchSize);
          });
    }
    return works;
  }

  private BatchWork java(String queue, HandlerSpec.Java spec, int fetchSize) {
    var provider = providers.get(spec.name());
    if (provider == null) {
      throw new ConfigurationException(
          List.of(
              "worker.queues.%s.handler.name is \"%s\"; the handlers on the class path and in %s are %s"
                  .formatted(queue, spec.name(), directory.toAbsolutePath(), providers.keySet())));
    }
    try {
      return new JavaWork(provider.create(queue, spec.settings()), fetchSize);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          List.of("worker.queues.%s.handler.settings: %s".formatted(queue, e.getMessage())));
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
