@NullMarked
package io.github.pgqfleet.metrics;

import org.jspecify.annotations.NullMarked;
