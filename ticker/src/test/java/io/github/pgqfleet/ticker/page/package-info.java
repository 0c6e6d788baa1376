@NullMarked
package io.github.pgqfleet.ticker.page;

import org.jspecify.annotations.NullMarked;
