/**
 * Our processes beside the tools that PgQ's users have: pgqd, and Skytools' consumers in Python.
 */
@NullMarked
package io.github.pgqfleet.deploy.interop;

import org.jspecify.annotations.NullMarked;
