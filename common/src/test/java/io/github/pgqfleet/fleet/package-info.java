/** Tests. */
@NullMarked
package io.github.pgqfleet.fleet;

import org.jspecify.annotations.NullMarked;
