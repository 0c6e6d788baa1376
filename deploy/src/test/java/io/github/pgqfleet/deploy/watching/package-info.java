/** What people and programs see of a running fleet, compared with what deploy/ says of it. */
@NullMarked
package io.github.pgqfleet.deploy.watching;

import org.jspecify.annotations.NullMarked;
