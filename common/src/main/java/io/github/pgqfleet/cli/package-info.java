/**
 * The base of the three command lines: one way to find the configuration, to print progress,
 * checks, provisioning and status, and to choose an exit code (0 fine, 1 something failed, 2 wrong
 * use or configuration).
 */
@NullMarked
package io.github.pgqfleet.cli;

import org.jspecify.annotations.NullMarked;
