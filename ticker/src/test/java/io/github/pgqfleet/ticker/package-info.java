/** Tests of the ticker; those named IT need a PostgreSQL server with PgQ. */
@NullMarked
package io.github.pgqfleet.ticker;

import org.jspecify.annotations.NullMarked;
