// The last minutes' rates as small plots, one a queue.

import {now} from './feed.js';
import {Plot} from './libraries.js';
import {compact, rate} from './text.js';

const HEIGHT = 76;

/** The width of a figure at the axis, and of what is beside them, in pixels. */
const FIGURE = 7;
const BESIDE = 10;

/** Keeps one plot a queue in an element. */
export class Plots {
  #element;
  #figures = new Map();

  constructor(element) {
    this.#element = element;
    // Plots are drawn once in the colours that there are.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.clear());
  }

  clear() {
    this.#figures.forEach((figure) => figure.remove());
    this.#figures.clear();
  }

  show(graph) {
    for (const name of this.#figures.keys()) {
      if (!(name in graph.queues)) {
        this.#figures.get(name).remove();
        this.#figures.delete(name);
      }
    }
    const times = Object.values(graph.queues)[0]?.map((_, i) => (graph.from + (i + 1) * graph.step) / 1000);
    // All of them first: how wide one is depends on how many there are.
    for (const name of Object.keys(graph.queues)) {
      if (!this.#figures.has(name)) {
        this.#figures.set(name, new Figure(name, this.#element));
      }
    }
    for (const [name, values] of Object.entries(graph.queues)) {
      this.#figures.get(name).show(times, values);
    }
  }
}

class Figure {
  #figure = document.createElement('figure');
  #caption = document.createElement('figcaption');
  #drawing = document.createElement('div');
  #plot;
  #name;

  constructor(name, parent) {
    this.#name = name;
    this.#drawing.setAttribute('role', 'img');
    this.#figure.append(this.#caption, this.#drawing);
    parent.append(this.#figure);
  }

  show(times, values) {
    const known = values.filter((value) => value !== null);
    const latest = known.length ? rate(known.at(-1)) : 'no figure yet';
    const highest = known.length ? rate(Math.max(...known)) : 'not known';
    this.#caption.textContent = `${this.#name}: ${latest}`;
    this.#drawing.setAttribute(
      'aria-label', `${this.#name}, last five minutes: now ${latest}, at most ${highest}`);
    const width = this.#drawing.clientWidth;
    if (!width) {
      return; // not visible
    }
    this.#plot ??= this.#make(width);
    if (this.#plot.width !== width) {
      this.#plot.setSize({width, height: HEIGHT});
    }
    this.#plot.setData([times, values]);
  }

  #make(width) {
    const colours = getComputedStyle(this.#figure);
    const line = colours.getPropertyValue('--line');
    const text = colours.getPropertyValue('--muted');
    return new Plot(
      {
        width,
        height: HEIGHT,
        cursor: {show: false},
        legend: {show: false},
        padding: [8, 2, 8, 0],
        scales: {x: {time: true}, y: {range: (_, low, high) => [0, Math.max(high ?? 1, 1)]}},
        axes: [
          {show: false},
          {
            size: (_, labels) => BESIDE + FIGURE * Math.max(1, ...(labels ?? []).map((label) => label.length)),
            values: (_, marks) => marks.map(compact),
            space: 24,
            stroke: text,
            font: '11px sans-serif',
            grid: {stroke: colours.getPropertyValue('--rule'), width: 1},
            ticks: {show: false},
          },
        ],
        series: [
          {},
          {stroke: line, fill: colours.getPropertyValue('--fill'), width: 1.5, points: {show: true, size: 3}},
        ],
      },
      [[now() / 1000], [null]],
      this.#drawing);
  }

  remove() {
    this.#plot?.destroy();
    this.#figure.remove();
  }
}
