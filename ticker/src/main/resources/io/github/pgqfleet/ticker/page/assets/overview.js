// The heat map, what needs attention, and the verdict in one line.

import {MARKS, isBad, judged, lag, levelOf, queueNames, worstFirst} from './fleet.js';
import {html, nothing, render, repeat} from './libraries.js';
import {brief, clock, count, duration, number, upTo} from './text.js';

const body = document.querySelector('#databases .body');
const attention = document.querySelector('#attention');
const verdict = document.querySelector('#verdict');

/** So many rows are worth another table beside the first, where there is room. */
const MANY = 24;

/** The width of a table, in pixels: the name's and a queue's. */
const WIDTH = {name: 150, queue: 56, between: 20};

let filter = '';

export const addressOf = (id) => `#/database/${encodeURIComponent(id)}`;

/** Stays in sight, whatever is shown below. */
export const showVerdict = (fleet) => render(verdictOf(all(fleet), fleet), verdict);

const all = (fleet) => fleet.databases.map((database) => judged(database, fleet.late));

export function showOverview(fleet, changed) {
  const databases = all(fleet).sort(worstFirst);
  render(notes(fleet), attention);
  const queues = queueNames(fleet.databases);
  const focused = document.activeElement.closest('.map a')?.href;
  render(
    html`
      <p class="tools">
        <label>Show those named <input type="search" .value=${filter}
            @input=${(event) => {
              filter = event.target.value;
              changed();
            }}></label>
        ${legend(fleet.late / 1000)}
      </p>
      <div class="maps">${maps(databases, queues, fleet.late)}</div>`,
    body);
  // A row that moves takes the focus along.
  if (focused && document.activeElement.href !== focused) {
    [...body.querySelectorAll('.map a')].find((link) => link.href === focused)
      ?.focus({preventScroll: true});
  }
}

function verdictOf(databases, fleet) {
  const dead = databases.filter((database) => database.level === 'dead').length;
  const silent = databases.filter((database) => database.silent && database.level !== 'dead').length;
  const late = databases.reduce(
    (sum, database) =>
      sum + database.queues.filter((queue) => lag(database, queue) * 1000 >= fleet.late).length,
    0);
  const unseen = databases.filter((database) => database.surveyed === undefined).length;
  const elsewhere = databases.filter((database) => database.role === 'standby').length;
  const bad = [
    dead && `${count(dead, 'database is', 'databases are')} down`,
    silent && `${count(silent, 'database is', 'databases are')} not ticked`,
    late && `${count(late, 'queue is', 'queues are')} late`,
  ].filter(Boolean);
  // What nobody has looked at yet is not fine.
  const [tone, words] = bad.length ? ['bad', `✕ ${bad.join(', ')}`]
    : unseen ? ['since', `… Looking: ${count(unseen, 'database')} to go`]
    : ['good', '✓ Nothing is late'];
  return html`<span class=${tone}>${words}</span>
    <span class="of">${count(databases.length, 'database')}${elsewhere
      ? `, ${number(elsewhere)} ticked by another ticker`
      : ''}</span>`;
}

function notes(fleet) {
  const all = [
    ...fleet.problems.map((note) => ({...note, kind: 'problem'})),
    ...fleet.warnings.map((note) => ({...note, kind: 'warning'})),
  ];
  if (!all.length) {
    return nothing;
  }
  return html`
    <details open>
      <summary>${count(all.length, 'thing needs', 'things need')} attention</summary>
      <ul>
        ${repeat(all.slice(0, 50), (note) => `${note.kind} ${note.part}`, (note) => html`
          <li class=${note.kind}><b>${note.kind}: ${note.part}</b> ${note.what}
            <span class="since">since ${clock(note.since)}</span></li>`)}
        ${all.length > 50 ? html`<li>and ${number(all.length - 50)} more; see /healthz</li>` : nothing}
      </ul>
    </details>`;
}

function legend(late) {
  return html`<span class="legend">Lag:
    <span class="level fine">under ${duration(late / 5, true)}</span>
    <span class="level slow">from ${duration(late / 5, true)}</span>
    <span class="level behind">${duration(late / 2, true)}</span>
    <span class="level late">▲ late, ${duration(late)}</span>
    <span class="level very-late">▲▲ ${duration(late * 6)}</span>
    <span class="level dead">✕ down</span></span>`;
}

/** The worst are at the top of the first table, which goes on in the second. */
function maps(databases, queues, late) {
  const shown = databases.filter((database) => database.id.toLowerCase().includes(filter.trim().toLowerCase()));
  if (!shown.length) {
    return html`<p>No database is named like this.</p>`;
  }
  const room = Math.floor(body.clientWidth / (WIDTH.name + queues.length * WIDTH.queue + WIDTH.between));
  const tables = Math.max(1, Math.min(room, Math.ceil(shown.length / MANY)));
  const rows = Math.ceil(shown.length / tables);
  return Array.from({length: tables}, (_, i) =>
    table(shown.slice(i * rows, (i + 1) * rows), queues, late, i * rows + 1));
}

function table(shown, queues, late, first) {
  return html`
    <table class="map">
      <caption class="unseen">The lag of each queue in each database, the worst first, from the
        ${first}. on</caption>
      <thead><tr><th scope="col">database</th>
        ${queues.map((queue) => html`<th scope="col" title=${queue}>${queue}</th>`)}</tr></thead>
      <tbody>${repeat(shown, (database) => database.id, (database) => row(database, queues, late))}</tbody>
    </table>`;
}

function row(database, queues, late) {
  const [server, name] = database.id.split(/\/(.*)/s);
  return html`
    <tr class=${isBad(database) ? 'bad' : ''} data-level=${database.level}>
      <th scope="row"><a href=${addressOf(database.id)} title=${database.id}><span
        class="server">${server}/</span>${name}</a></th>
      ${database.level === 'dead' || database.level === 'silent'
        ? reason(database, queues.length)
        : queues.map((queue) => cell(database, queue, late))}
    </tr>`;
}

function reason(database, width) {
  const words =
    database.level === 'dead' ? 'down' : 'not ticked';
  return html`<td class=${`level ${database.level}`} colspan=${Math.max(1, width)}
      title=${database.problem ?? ''}>✕ ${words}${database.problem ? `: ${database.problem}` : ''}</td>`;
}

function cell(database, name, late) {
  const queue = database.queues.find((its) => its.name === name);
  if (!queue) {
    return html`<td class="level unknown">${database.surveyed ? '–' : '…'}</td>`;
  }
  const seconds = lag(database, queue);
  const level = levelOf(seconds, late);
  const words = queue.untickedBy ?? (level === 'fine' ? 'ok' : html`<span aria-hidden="true"
    >${brief(seconds)}</span><span class="unseen">${duration(seconds)}</span>`);
  const title = `${name} of ${database.id}: ${duration(seconds)} behind, ${upTo(queue.waiting)}`
    + (queue.consumer ? `, consumer ${queue.consumer}` : '');
  return html`<td class=${`level ${level}`} title=${title}>${mark(level)}${words}</td>`;
}

/** The shape for whoever sees it, a word for whoever hears it. */
function mark(level) {
  return MARKS[level]
    ? html`<span aria-hidden="true">${MARKS[level]}</span><span class="unseen">late, </span>`
    : nothing;
}
