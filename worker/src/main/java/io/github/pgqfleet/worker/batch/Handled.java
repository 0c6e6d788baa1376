package io.github.pgqfleet.worker.batch;

/**
 * What was done with the events of a batch.
 *
 * @param events how many were handled
 * @param retried how many failed and will come again
 * @param dead how many failed and are dead letters
 */
record Handled(long events, long retried, long dead) {}
