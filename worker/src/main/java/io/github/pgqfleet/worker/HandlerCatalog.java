package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.worker.api.HandlerProvider;
import io.github.pgqfleet.worker.batch.JavaWork;
import io.github.pgqfleet.worker.batch.SqlFunctionWork;
import io.github.pgqfleet.worker.call.CommandCaller;
import io.github.pgqfleet.worker.call.HttpCaller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handlers that can be had: those of the providers on the class path and in the jars of the
 * handlers directory, functions in the database, and what is called outside it. Thread-safe. The
 * jars are closed when the catalogue and all the handlers made from it are.
 */
final class HandlerCatalog implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HandlerCatalog.class);

  /** One state of a file; a jar that is replaced by another has another. */
  private record Jar(Path file, long size, FileTime modified) {}

  private final URLClassLoader loader;
  private final List<Jar> jars;
  private final SortedMap<String, HandlerProvider> providers;
  private final Path directory;

  /** The catalogue itself, and the handlers whose classes come from its jars. */
  private final AtomicInteger users = new AtomicInteger(1);

  private HandlerCatalog(
      URLClassLoader loader,
      List<Jar> jars,
      SortedMap<String, HandlerProvider> providers,
      Path directory) {
    this.loader = loader;
    this.jars = jars;
    this.providers = providers;
    this.directory = directory;
  }

  /**
   * Finds the providers.
   *
   * @throws ConfigurationException when one cannot be loaded, or two have the same name
   */
  static HandlerCatalog load(Path directory) {
    var jars = jars(directory);
    var loader =
        new URLClassLoader(
            jars.stream().map(jar -> url(jar.file())).toArray(URL[]::new),
            HandlerCatalog.class.getClassLoader());
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
    return new HandlerCatalog(loader, jars, providers, directory);
  }

  private static List<Jar> jars(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.newDirectoryStream(directory, "*.jar")) {
      var jars = new ArrayList<Jar>();
      for (var file : files) {
        jars.add(new Jar(file, Files.size(file), Files.getLastModifiedTime(file)));
      }
      jars.sort((a, b) -> a.file().compareTo(b.file()));
      return List.copyOf(jars);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the handlers directory " + directory, e);
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Makes what handles a queue's events.
   *
   * @throws ConfigurationException naming the queue, when its handler is unknown or refuses its
   *     settings
   */
  QueueHandler handler(WorkerConfig.Queue queue, int fetchSize) {
    return switch (queue.handler()) {
      case HandlerSpec.SqlFunction(var function) ->
          new QueueHandler.InTransaction(() -> new SqlFunctionWork(function), "", () -> {});
      case HandlerSpec.Java java -> java(queue.name(), java, fetchSize);
      case HandlerSpec.Http(var url, var options) ->
          new QueueHandler.Outside(new HttpCaller(url, options));
      case HandlerSpec.Command(var command, var options, var withheld) ->
          new QueueHandler.Outside(new CommandCaller(command, options, withheld));
    };
  }

  private QueueHandler java(String queue, HandlerSpec.Java spec, int fetchSize) {
    var provider = providers.get(spec.name());
    if (provider == null) {
      throw new ConfigurationException(
          List.of(
              "worker.queues.%s.handler.name is \"%s\"; the handlers on the class path and in %s are %s"
                  .formatted(queue, spec.name(), directory.toAbsolutePath(), providers.keySet())));
    }
    try {
      var handler =
          new QueueHandler.InTransaction(
              () -> new JavaWork(provider.create(queue, spec.settings()), fetchSize),
              jars,
              this::release);
      users.incrementAndGet();
      return handler;
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          List.of("worker.queues.%s.handler.settings: %s".formatted(queue, e.getMessage())));
    }
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      try {
        loader.close();
      } catch (IOException e) {
        log.warn("directory={} event=close_failed error=\"{}\"", directory, e.getMessage());
      }
    }
  }

  /** No handlers are made any more; those that were stay usable until they are closed. */
  @Override
  public void close() {
    release();
  }
}
