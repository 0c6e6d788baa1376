package io.github.pgqfleet.sql;

/** By what one of the processes knows another's sessions in {@code pg_stat_activity}. */
public final class ApplicationNames {

  /** What those of a mover begin with; its id follows, or its command. */
  public static final String MOVER = "pgq-fleet mover ";

  private ApplicationNames() {}
}
