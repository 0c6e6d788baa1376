// Asks the ticker again and again, as long as the page is visible.

const PATIENCE = 10_000;

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
        cache: 'no-cache',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.ok) {
        throw new Error((await answer.text()).trim() || answer.statusText);
      }
      ahead = Number(answer.headers.get('X-Fleet-Now')) - Date.now();
      const tag = answer.headers.get('ETag');
      if (!tag || tag !== this.#tag) {
        this.data = await answer.json();
        this.#tag = tag;
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
