/** The handlers of the benchmarks of the worker. They depend on the handler API alone. */
@NullMarked
package io.github.pgqfleet.deploy.bench.handler;

import org.jspecify.annotations.NullMarked;
