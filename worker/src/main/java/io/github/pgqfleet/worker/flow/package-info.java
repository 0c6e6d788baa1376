/** What holds workers back: queues that are paused, and rate limits. */
@NullMarked
package io.github.pgqfleet.worker.flow;

import org.jspecify.annotations.NullMarked;
