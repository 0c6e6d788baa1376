/**
 * The handler of one of the demonstration's queues, as a user would write it: it depends on the
 * handler API alone, and its jar lies in the worker's handlers directory.
 */
@NullMarked
package io.github.pgqfleet.deploy.demo.handler;

import org.jspecify.annotations.NullMarked;
