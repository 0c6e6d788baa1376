/** Tests. */
@NullMarked
package io.github.pgqfleet.sql;

import org.jspecify.annotations.NullMarked;
