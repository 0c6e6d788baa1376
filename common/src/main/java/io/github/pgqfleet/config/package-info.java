/**
 * The fleet's configuration file.
 *
 * <p>{@link io.github.pgqfleet.config.ConfigFile} reads HOCON over the defaults of {@code
 * reference.conf}; {@link io.github.pgqfleet.config.Section} hands out typed values and notes what
 * is wrong with each, so that one run reports every mistake of a file with its line; {@link
 * io.github.pgqfleet.config.FleetConfig} is the part that all executables share.
 */
@NullMarked
package io.github.pgqfleet.config;

import org.jspecify.annotations.NullMarked;
