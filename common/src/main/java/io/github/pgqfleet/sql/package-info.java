/** x */
@org.jspecify.annotations.NullMarked
package io.github.pgqfleet.sql;
