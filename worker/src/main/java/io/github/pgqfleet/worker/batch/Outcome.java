package io.github.pgqfleet.worker.batch;

/** What came of asking for a batch and working on it. */
public sealed interface Outcome {

  /** There was none. */
  record Idle() implements Outcome {}

  /**
   * It is finished and committed.
   *
   * @param events how many events were handled
   * @param retried how many failed and will come again
   * @param dead how many failed and are dead letters
   */
  record Finished(long batchId, long events, long retried, long dead) implements Outcome {}

  /**
   * It became another sub-consumer's, and all that was done is rolled back. There may be another
   * batch open by now, which the next call works on.
   */
  record Lost(long batchId) implements Outcome {}
}
