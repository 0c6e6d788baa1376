package io.github.pgqfleet.pgq;

import java.util.OptionalLong;

/**
 * A consumer's registration on a queue, a row of {@code pgq.subscription}.
 *
 * @param id {@code sub_id}, new at each registration
 * @param lastTick id of the last tick that was consumed
 * @param batch id of the open batch
 */
public record Subscription(int id, OptionalLong lastTick, OptionalLong batch) {}
