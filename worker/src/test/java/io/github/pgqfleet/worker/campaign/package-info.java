/**
 * A fault campaign against the workers: {@link
 * io.github.pgqfleet.worker.campaign.WorkerCampaignFaultIT}.
 *
 * <p>The real {@code worker.jar}, three times, handles what applications write, through proxies
 * that stop it at a chosen step of its protocol; there a {@link
 * io.github.pgqfleet.worker.campaign.Saboteur} strikes. Only public things are used: the
 * configuration, PostgreSQL, and signals. An {@link io.github.pgqfleet.worker.campaign.Audit} of
 * what was handled is exact.
 */
@NullMarked
package io.github.pgqfleet.worker.campaign;

import org.jspecify.annotations.NullMarked;
