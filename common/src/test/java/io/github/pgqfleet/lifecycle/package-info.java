/** Tests. */
@NullMarked
package io.github.pgqfleet.lifecycle;

import org.jspecify.annotations.NullMarked;
