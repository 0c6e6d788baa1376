/** Tests of the example handler, as a user would run it. */
@NullMarked
package io.github.pgqfleet.deploy.example;

import org.jspecify.annotations.NullMarked;
