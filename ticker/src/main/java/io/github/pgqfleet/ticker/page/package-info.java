/**
 * The fleet page, served by the ticker: what is late, stuck or dead in the whole fleet, and why.
 *
 * <p>Two kinds of figures, so that no page ever delays a tick:
 *
 * <ul>
 *   <li>The overview is the ticker's memory, and a request for it waits for no database. While
 *       somebody watches, each database's ticker adds a {@link
 *       io.github.pgqfleet.ticker.page.Survey} to some of its looks, in the same statement on a
 *       session that is awake anyway. Nobody watching, nothing is asked. What is late is known by
 *       the time since when it waits, so the lag of a database that rests grows with the clock, and
 *       it need not be asked again.
 *   <li>What concerns one database only, and what only the destination knows, is asked for on a
 *       session of its own, with a deadline, at most one in flight for each, however many watch.
 * </ul>
 */
@NullMarked
package io.github.pgqfleet.ticker.page;

import org.jspecify.annotations.NullMarked;
