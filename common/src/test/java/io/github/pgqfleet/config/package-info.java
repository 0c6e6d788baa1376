/** Tests. */
@NullMarked
package io.github.pgqfleet.config;

import org.jspecify.annotations.NullMarked;
