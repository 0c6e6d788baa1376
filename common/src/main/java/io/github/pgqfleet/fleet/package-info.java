/**
 * The databases of the fleet together: {@link io.github.pgqfleet.fleet.Discovery} finds them,
 * {@link io.github.pgqfleet.fleet.DiscoveryService} keeps looking, {@link
 * io.github.pgqfleet.fleet.Sweep} does one thing on all of them at once.
 */
@NullMarked
package io.github.pgqfleet.fleet;

import org.jspecify.annotations.NullMarked;
