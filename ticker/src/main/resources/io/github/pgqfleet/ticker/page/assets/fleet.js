// What the overview means: how late a queue is, how bad that is, and what is worse.

import {now} from './feed.js';

/** From worst to best; the name is a class of the style sheet. */
export const LEVELS = ['dead', 'silent', 'very-late', 'late', 'behind', 'slow', 'fine'];

/** In words and shapes, for whoever does not see the colour. */
export const MARKS = {'very-late': '▲▲', late: '▲', dead: '✕', silent: '✕'};

/**
 * How many seconds the oldest event of a queue has waited: until now, where nothing has happened since
 * the ticker looked; otherwise until then, since it may be finished by now.
 */
export function lag(database, queue) {
  const until = database.upToDate ? now() : database.surveyed;
  return queue.waitsSince === undefined ? 0 : Math.max(0, (until - queue.waitsSince) / 1000);
}

export function levelOf(seconds, late) {
  const parts = (seconds * 1000) / late;
  if (parts >= 6) return 'very-late';
  if (parts >= 1) return 'late';
  if (parts >= 0.5) return 'behind';
  return parts >= 0.2 ? 'slow' : 'fine';
}

const worse = (a, b) => (LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b);

/** A database with its level and the lag of its worst queue. */
export function judged(database, late) {
  const lags = database.queues.map((queue) => lag(database, queue));
  const worst = Math.max(0, ...lags);
  let level = levelOf(worst, late);
  if (database.problem && database.role === 'connecting') {
    level = 'dead';
  } else if (database.silent) {
    level = worse(level, 'silent');
  }
  return {...database, level, worst};
}

/** The worst first; those that are well in the order of their names, so that they stay in place. */
export function worstFirst(a, b) {
  const byLevel = LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
  if (byLevel !== 0 && (isBad(a) || isBad(b))) return byLevel;
  if (isBad(a) && Math.floor(a.worst) !== Math.floor(b.worst)) return b.worst - a.worst;
  return a.id < b.id ? -1 : 1;
}

export const isBad = (database) => LEVELS.indexOf(database.level) <= LEVELS.indexOf('late');

/** The names of all queues, in order. */
export const queueNames = (databases) =>
  [...new Set(databases.flatMap((database) => database.queues.map((queue) => queue.name)))].sort();
