/**
 * How a daemon lives: {@link io.github.pgqfleet.lifecycle.Daemon} starts it, heeds signals and ends
 * it, and tells the system's service manager; a {@link io.github.pgqfleet.lifecycle.Supervisor}
 * owns a named thread for each {@link io.github.pgqfleet.lifecycle.Service}, runs it again after a
 * failure with a bounded {@link io.github.pgqfleet.lifecycle.Backoff}, and names what is wrong in
 * {@link io.github.pgqfleet.lifecycle.Health}.
 *
 * <p>The rules: a service returns when its {@link io.github.pgqfleet.lifecycle.ServiceContext} says
 * that it shall stop; what it throws is logged, counted, shown in health, and the service is run
 * again; a second stop does nothing; at the end of the deadline what still runs is interrupted.
 */
@NullMarked
package io.github.pgqfleet.lifecycle;

import org.jspecify.annotations.NullMarked;
