/** Tests. */
@NullMarked
package io.github.pgqfleet.pgq;

import org.jspecify.annotations.NullMarked;
