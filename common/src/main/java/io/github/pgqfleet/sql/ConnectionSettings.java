package io.github.pgqfleet.sql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach one server. Immutable; holds where the password is kept, never the password.
 *
 * @param passwordEnv name of the environment variable that holds the password
 * @param passwordFile file whose first line is the password; read at each connection, so that a
 *     changed password needs no restart. With neither, the driver looks into pgpass
 * @param sslMode the driver's TLS mode: disable, allow, prefer, require, verify-ca, verify-full
 * @param connectTimeout bound on connecting and logging in
 * @param socketTimeout bound on waiting for the server's answer
 * @param statementTimeout PostgreSQL's {@code statement_timeout}
 * @param lockTimeout PostgreSQL's {@code lock_timeout}
 */
public record ConnectionSettings(
    String host,
    int port,
    String user,
    Optional<String> passwordEnv,
    Optional<Path> passwordFile,
    String sslMode,
    Duration connectTimeout,
    Duration socketTimeout,
    Duration statementTimeout,
    Duration lockTimeout) {

  /** The same server for work that may take longer, such as maintenance. */
  public ConnectionSettings withStatementTimeout(Duration timeout) {
    var socket = timeout.plus(connectTimeout);
    return new ConnectionSettings(
        host,
        port,
        user,
        passwordEnv,
        passwordFile,
        sslMode,
        connectTimeout,
        socket.compareTo(socketTimeout) > 0 ? socket : socketTimeout,
        timeout,
        lockTimeout);
  }

  /** The same server for work that would rather fail than wait for a lock. */
  public ConnectionSettings withLockTimeout(Duration timeout) {
    return new ConnectionSettings(
        host,
        port,
        user,
        passwordEnv,
        passwordFile,
        sslMode,
        connectTimeout,
        socketTimeout,
        statementTimeout,
        shorter(timeout, lockTimeout));
  }

  /** The same server for somebody who waits for an answer, and for none longer than this. */
  public ConnectionSettings withPatience(Duration patience) {
    return new ConnectionSettings(
        host,
        port,
        user,
        passwordEnv,
        passwordFile,
        sslMode,
        shorter(connectTimeout, patience),
        shorter(socketTimeout, patience),
        shorter(statementTimeout, patience),
        shorter(lockTimeout, patience));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
