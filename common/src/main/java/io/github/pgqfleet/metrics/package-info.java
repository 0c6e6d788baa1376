/** Metrics, health and status over HTTP. */
@NullMarked
package io.github.pgqfleet.metrics;

import org.jspecify.annotations.NullMarked;
