/** Tests of the mover against real PgQ. */
@NullMarked
package io.github.pgqfleet.mover;

import org.jspecify.annotations.NullMarked;
