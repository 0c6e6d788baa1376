package io.github.pgqfleet.mover;

import io.github.pgqfleet.fixture.TestDatabase;

/**
 * A database as it was at one time, kept on its server. Connections to it are cut when it is made
 * and when it is restored.
 */
final class TemplateBackup {

  private final TestDatabase database;
  private final TestDatabase maintenance;
  private final TestDatabase backup;

  private TemplateBackup(TestDatabase database, TestDatabase maintenance) {
    this.database = database;
    this.maintenance = maintenance;
    this.backup = database.named(database.name() + "_backup");
  }

  /**
   * Makes a backup.
   *
   * @param maintenance another database of the same server
   */
  static TemplateBackup of(TestDatabase database, TestDatabase maintenance) {
    var backup = new TemplateBackup(database, maintenance);
    backup.copy(database, backup.backup);
    return backup;
  }

  /** Puts the database back to what it was. */
  void restore() {
    maintenance.execute("drop database %s with (force)".formatted(database.name()));
    copy(backup, database);
  }

  void drop() {
    maintenance.execute("drop database if exists %s with (force)".formatted(backup.name()));
  }

  private void copy(TestDatabase from, TestDatabase to) {
    // Nobody may be connected to a database that is copied.
    maintenance.execute("alter database %s with allow_connections false".formatted(from.name()));
    maintenance.execute(
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = ?",
        from.name());
    maintenance.execute("create database %s template %s".formatted(to.name(), from.name()));
    maintenance.execute("alter database %s with allow_connections true".formatted(from.name()));
  }
}
