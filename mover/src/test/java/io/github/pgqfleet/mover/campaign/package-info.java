/**
 * A fault campaign against the mover: {@link
 * io.github.pgqfleet.mover.campaign.MoverCampaignFaultIT}.
 *
 * <p>The real {@code mover.jar}, twice, forwards what a {@link
 * io.github.pgqfleet.mover.campaign.Load} writes, through proxies that stop it at a chosen step of
 * its protocol; there a {@link io.github.pgqfleet.mover.campaign.Saboteur} strikes. Only public
 * things are used: the configuration, PostgreSQL, and signals. An {@link
 * io.github.pgqfleet.mover.campaign.Audit} of what arrived is exact.
 */
@NullMarked
package io.github.pgqfleet.mover.campaign;

import org.jspecify.annotations.NullMarked;
