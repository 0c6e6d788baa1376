package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.worker.call.HttpCaller;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks, from this host, whether handlers outside the database are there. Calls none. Stateless.
 */
final class OutsideChecks {

  private OutsideChecks() {}

  /** What is wrong with a queue's handler; empty too for one that is in the database. */
  static Optional<Finding> look(String queue, HandlerSpec handler) {
    return switch (handler) {
      case HandlerSpec.Http(var url, var options) ->
          isReachable(url, options.connectTimeout())
              ? Optional.empty()
              : Optional.of(
                  new Finding(
                      "queue %s: cannot connect to %s from here"
                          .formatted(queue, HttpCaller.name(url)),
                      "start it, or correct worker.queues." + queue + ".handler.url"));
      case HandlerSpec.Command(var command, _, _) ->
          isExecutable(command)
              ? Optional.empty()
              : Optional.of(
                  new Finding(
                      "queue %s: there is no program %s here".formatted(queue, command.getFirst()),
                      "install it, or correct worker.queues." + queue + ".handler.command"));
      case HandlerSpec.Java _, HandlerSpec.SqlFunction _ -> Optional.empty();
    };
  }

  private static boolean isReachable(URI url, Duration timeout) {
    int standard = "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
    var address =
        new InetSocketAddress(url.getHost(), url.getPort() < 0 ? standard : url.getPort());
    try (var socket = new Socket()) {
      socket.connect(address, Math.toIntExact(timeout.toMillis()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isExecutable(List<String> command) {
    var program = command.getFirst();
    if (program.contains(File.separator)) {
      return Files.isExecutable(Path.of(program));
    }
    var path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
