package io.github.pgqfleet.worker.api;

import java.util.Map;

/**
 * Makes handlers; found by {@link java.util.ServiceLoader}.
 *
 * <p>An implementation has a public constructor without parameters, and is called from several
 * threads.
 */
public interface HandlerProvider {

  /** The name under which {@code worker.queues.<queue>.handler.name} asks for it; unique. */
  String name();

  /**
   * Makes the handler of one sub-consumer. One is also made where a configuration is only read, to
   * see whether its settings are right, and then closed unused: what is expensive waits for the
   * first event.
   *
   * @param queue the queue whose events it will handle
   * @param settings {@code worker.queues.<queue>.handler.settings}: the handler's own settings,
   *     each as text; empty if there are none
   * @return a handler that no other sub-consumer uses
   * @throws IllegalArgumentException if a setting is missing or wrong; the message is shown to the
   *     user
   */
  Handler create(String queue, Map<String, String> settings);
}
