// Asks the ticker again and again, as long as the page is visible.

const PATIENCE = 10_000;

/** In seconds: so long the ticker may keep an answer in which nothing is new. */
const WAIT = 6;

const NOT_MODIFIED = 304;

let ahead = 0;

/** The ticker's time: ages are counted from it, whatever the clock here says. */
export const now = () => Date.now() + ahead;

/**
 * Asks for an address each so many milliseconds.
 *
 * The feed's `data` is the latest answer, `failure` why there was none the last time, and `failing`
 * since when. `changed` is called after each answer, and when one fails to come.
 */
export class Feed {
  #every;
  #changed;
  #timer;
  #tag;
  #asking = false;

  constructor(address, every, changed) {
    this.address = address;
    this.#every = every;
    this.#changed = changed;
    this.visible = () => document.hidden || this.ask();
    document.addEventListener('visibilitychange', this.visible);
    this.ask();
  }

  async ask() {
    if (this.#asking || document.hidden) {
      return;
    }
    clearTimeout(this.#timer);
    this.#asking = true;
    try {
      const answer = await fetch(this.address, {
        cache: 'no-store',
        headers: this.#tag ? {'If-None-Match': this.#tag, Prefer: `wait=${WAIT}`} : {},
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.ok && answer.status !== NOT_MODIFIED) {
        throw new Error((await answer.text()).trim() || answer.statusText);
      }
      ahead = Number(answer.headers.get('X-Fleet-Now')) - Date.now();
      if (answer.status !== NOT_MODIFIED) {
        this.data = await answer.json();
        this.#tag = answer.headers.get('ETag');
      }
      this.failure = this.failing = undefined;
    } catch (e) {
      this.failure = e.message;
      this.failing ??= now();
    }
    this.#asking = false;
    if (this.#every) {
      this.#timer = setTimeout(() => this.ask(), this.#every);
      this.#changed();
    }
  }

  stop() {
    this.#every = 0;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.visible);
  }
}
