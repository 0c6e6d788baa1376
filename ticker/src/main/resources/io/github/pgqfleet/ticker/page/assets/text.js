// Figures for people.

const numbers = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const few = new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 3});
const rates = new Intl.NumberFormat('en', {maximumSignificantDigits: 3});

export const count = (number, one, many = one + 's') =>
  `${numbers.format(number)} ${number === 1 ? one : many}`;

/** An event sequence has gaps, so it tells no more than how many events there are at the most. */
export const upTo = (events) => (events ? `up to ${count(events, 'event')}` : 'no events');

export const number = (value) => numbers.format(value);

/** Of what is counted no farther than that. */
export const counted = (value, one) =>
  value > 10_000 ? `over 10,000 ${one}s` : count(value, one);

/** In few characters: 1.2K. */
export const compact = (value) => few.format(value);

export const rate = (value) => `${rates.format(value)}/s`;

/** A time in two figures or so: 7 s, 12 min, 3 h, 5 d. */
export function duration(seconds, exact = false) {
  if (seconds > 0 && seconds < 10 && !Number.isInteger(seconds) && exact) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 100) {
    return `${Math.floor(seconds)} s`;
  }
  if (seconds < 100 * 60) {
    return `${Math.floor(seconds / 60)} min`;
  }
  return seconds < 48 * 3600
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86400)} d`;
}

/** The same where there is no room: 7s, 12m, 3h, 5d. */
export const brief = (seconds) => duration(seconds).replace(/ (.).*/, '$1');

export const clock = (milliseconds) => new Date(milliseconds).toLocaleTimeString('en-GB');
