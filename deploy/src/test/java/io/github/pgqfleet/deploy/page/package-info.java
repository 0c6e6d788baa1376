/** The fleet page in a real browser, on a real fleet. */
@NullMarked
package io.github.pgqfleet.deploy.page;

import org.jspecify.annotations.NullMarked;
