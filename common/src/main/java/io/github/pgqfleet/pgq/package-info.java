/**
 * PgQ's API as Java sees it: one class that holds the SQL, one method a function, and the values
 * that they return. No policy lives here.
 */
@NullMarked
package io.github.pgqfleet.pgq;

import org.jspecify.annotations.NullMarked;
