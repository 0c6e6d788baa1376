/** Tests. */
@NullMarked
package io.github.pgqfleet.cli;

import org.jspecify.annotations.NullMarked;
