package io.github.pgqfleet.mover;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the mover of this process logs as errors, from now until it is closed. Thread-safe. */
final class Log extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private static final String MOVER = "io.github.pgqfleet.mover";

  private final List<String> errors = new CopyOnWriteArrayList<>();

  private Log() {}

  static Log open() {
    var log = new Log();
    log.start();
    ((Logger) LoggerFactory.getLogger(MOVER)).addAppender(log);
    return log;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel() == Level.ERROR) {
      errors.add(event.getFormattedMessage());
    }
  }

  List<String> errors() {
    return errors;
  }

  @Override
  public void close() {
    ((Logger) LoggerFactory.getLogger(MOVER)).detachAppender(this);
    stop();
  }
}
