// What the destination knows: movers, workers, dead letters.

import {html, nothing, render, repeat} from './libraries.js';
import {count, counted, duration, rate, upTo} from './text.js';

const movers = document.querySelector('#movers .body');
const summary = document.querySelector('#summary');
const dead = document.querySelector('#dead .body');
const workers = document.querySelector('#workers .body');

/** Nothing is known of it. */
export function showNoDestination(why) {
  render(html`<a href="#movers" class="bad">✕ The destination does not answer</a>`, summary);
  [movers, workers, dead].forEach((body) => render(html`<p class="bad">✕ The destination does not answer: ${why}</p>`, body));
}

/** What is further down, in a few words at the top. */
export function showSummary(answer) {
  const movers = answer.movers?.movers ?? [];
  const members = answer.workers ?? [];
  const letters = answer.dead_letters?.groups.reduce((sum, group) => sum + group.number, 0) ?? 0;
  const led = movers.filter((mover) => mover.alive).length;
  const alive = members.filter((member) => member.alive).length;
  const groups = Object.values(Object.groupBy(members, groupName));
  const forsaken = groups.filter((group) => !group.some((member) => member.alive)).length;
  const left = members.some((member) => !member.alive && member.batch !== null);
  render(
    html`
      ${glance('#movers', count(led, 'mover'), led === 0 || led < movers.length)}
      ${glance('#workers', count(alive, 'worker') + (forsaken ? `, none for ${count(forsaken, 'queue')}` : ''),
        alive === 0 || forsaken > 0 || left)}
      ${glance('#dead', counted(letters, 'dead letter'), letters > 0)}`,
    summary);
}

const glance = (address, words, bad) =>
  html`<a href=${address} class=${bad ? 'bad' : ''}>${bad ? '▲ ' : ''}${words}</a>`;

const groupName = (member) => `${member.queue}, consumer ${member.consumer}`;

export function showMovers(answer) {
  if (answer === null) {
    render(html`<p>No mover has been provisioned here.</p>`, movers);
    return;
  }
  const rows = repeat(answer.movers, (mover) => mover.id, mover);
  render(
    html`
      ${answer.movers.length ? nothing : html`<p class="bad">✕ No mover has sent a heartbeat.</p>`}
      <div class="scroll"><table class="list">
        <caption class="unseen">The movers</caption>
        <thead><tr><th scope="col">mover</th><th scope="col">heartbeat</th>
          <th scope="col">events</th><th scope="col">leads</th></tr></thead>
        <tbody>${rows}</tbody>
      </table></div>
      ${answer.drains.map((drain) => html`<p>${drain.source} is ${drain.state}, for consumer ${drain.consumer}.</p>`)}`,
    movers);
}

function mover(mover) {
  const events = mover.figures.reduce((sum, route) => sum + route.eventsPerSecond, 0);
  return html`
    <tr class=${mover.alive ? '' : 'gone'}>
      <th scope="row">${mover.id}</th>
      <td data-label="heartbeat">${mover.alive ? '✓' : '✕ dead,'} ${duration(mover.beat)} ago</td>
      <td data-label="events">${mover.alive ? rate(events) : '–'}</td>
      <td data-label="leads"><details><summary>${mover.alive ? '' : 'led '}${count(mover.leads.length, 'database')}</summary>
        <p class="names">${mover.leads.join(' ')}</p></details></td>
    </tr>`;
}

export function showWorkers(answer, late) {
  if (answer === null || !answer.length) {
    render(html`<p>No sub-consumer is registered here.</p>`, workers);
    return;
  }
  const groups = Map.groupBy(answer, groupName);
  render(
    html`${repeat([...groups], ([name]) => name, ([name, members]) => group(name, members, late))}`,
    workers);
}

function group(name, members, late) {
  const alive = members.filter((member) => member.alive);
  // A name stays registered when its process is gone; it matters only while it holds a batch.
  const left = members.filter((member) => !member.alive && member.batch !== null);
  const names = members.length - alive.length - left.length;
  return html`
    <section class="group">
      <h3>${name}: <span class=${alive.length ? '' : 'bad'}>${alive.length ? '' : '✕ '}${count(alive.length, 'worker')}</span></h3>
      <ul class="workers">
        ${repeat([...left, ...alive], (member) => member.name, (member) => worker(member, late))}
      </ul>
      ${names ? html`<p class="since">${count(names, 'registered name')} without a process</p>` : nothing}
    </section>`;
}

function worker(member, late) {
  const batch = member.batch === null
    ? 'idle'
    : `batch ${member.batch} of ${upTo(member.events)}, heartbeat ${duration(member.active)} ago`;
  if (!member.alive) {
    return html`<li class="left"><b>✕ ${member.name}</b> left ${batch}; it will be taken over</li>`;
  }
  const quiet = member.batch !== null && member.active * 1000 >= 6 * late;
  return html`<li class=${quiet ? 'left' : ''} data-worker=${member.name}><b>${member.name}</b>
    ${quiet ? '▲ ' : ''}${batch}</li>`;
}
