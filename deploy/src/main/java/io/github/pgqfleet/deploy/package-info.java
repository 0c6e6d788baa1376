/** What the demonstration and the benchmarks share. */
@NullMarked
package io.github.pgqfleet.deploy;

import org.jspecify.annotations.NullMarked;
