// One database: its queues, consumers, open batches, rotation and long transactions.

import {MARKS, levelOf} from './fleet.js';
import {html, nothing, render, repeat} from './libraries.js';
import {counted, duration, upTo} from './text.js';

const body = document.querySelector('#detail .body');
const title = document.querySelector('#detail-title');

/** A database is chosen: what was shown of another goes. */
export function openDetail(id) {
  title.textContent = id;
  render(html`<p>Asking ${id} …</p>`, body);
  title.focus();
}

export function showDetail(answer, row, late) {
  render(html`${standing(row)}${answer.error
    ? html`<p class="bad">✕ It does not answer: ${answer.error}</p>`
    : answer.database ? tables(answer.database, late) : html`<p class="bad">✕ PgQ is not installed here.</p>`}`, body);
}

function standing(row) {
  if (!row) {
    return html`<p class="bad">✕ This ticker knows no such database.</p>`;
  }
  const roles = {
    leading: 'This ticker ticks it.',
    standby: 'Another ticker ticks it; this one stands by.',
    connecting: 'This ticker has no session there.',
  };
  return html`<p>${roles[row.role]}</p>
    ${row.problem ? html`<p class="bad">✕ ${row.problem}</p>` : nothing}
    ${row.silent ? html`<p class="bad">✕ It is not ticked.</p>` : nothing}`;
}

function tables({queues, consumers, transactions, sees_all: seesAll}, late) {
  return html`
    <h3>Queues</h3>
    <div class="scroll"><table class="list">
      <caption class="unseen">Queues</caption>
      <thead><tr><th scope="col">queue</th><th scope="col">newest tick</th>
        <th scope="col">rotation</th><th scope="col">to be retried</th></tr></thead>
      <tbody>${repeat(queues, (queue) => queue.name, queue)}</tbody>
    </table></div>
    <h3>Consumers, the farthest behind first</h3>
    ${consumers.length ? html`
      <div class="scroll"><table class="list">
        <caption class="unseen">Consumers</caption>
        <thead><tr><th scope="col">queue</th><th scope="col">consumer</th><th scope="col">lag</th>
          <th scope="col">waiting</th><th scope="col">open batch</th></tr></thead>
        <tbody>${repeat(consumers, (its) => `${its.queue} ${its.name}`, (its) => consumer(its, late))}</tbody>
      </table></div>` : html`<p>None is registered.</p>`}
    <h3>Long transactions</h3>
    ${transactions.length ? html`
      <p>They hold rotation and vacuum back, and the events of those that write wait for their end.</p>
      <div class="scroll"><table class="list">
        <caption class="unseen">Long transactions</caption>
        <thead><tr><th scope="col">who</th><th scope="col">open for</th><th scope="col">role</th>
          <th scope="col">application</th><th scope="col">state</th></tr></thead>
        <tbody>${repeat(transactions, (its) => its.who, transaction)}</tbody>
      </table></div>`
      : seesAll ? html`<p>✓ None is open for longer than 2 s.</p>` : nothing}
    ${seesAll ? nothing : html`<p class="bad">▲ Other roles' transactions are hidden from the ticker's role; grant it
      <code>pg_monitor</code>.</p>`}`;
}

function queue(its) {
  const overdue = its.rotation_period > 0 ? its.rotated - its.rotation_period : 0;
  return html`
    <tr>
      <th scope="row">${its.name}</th>
      <td data-label="newest tick">${its.tick_age === null ? 'none' : `${its.tick_id}, ${duration(its.tick_age)} ago`}
        ${its.unticked_by ? html`<b>${its.unticked_by}</b>` : nothing}</td>
      <td data-label="rotation">table ${its.current_table} of ${its.tables}, ${duration(its.rotated)} ago, every ${duration(its.rotation_period)}${its.rotating ? ', in its second step' : nothing}
        ${overdue > 0 ? html`<b class="bad">▲ ${duration(overdue)} overdue</b>` : nothing}</td>
      <td data-label="to be retried">${counted(its.retried, 'event')}</td>
    </tr>`;
}

function consumer(its, late) {
  const level = levelOf(its.waits_for ?? 0, late);
  return html`
    <tr>
      <th scope="row">${its.queue}</th>
      <td data-label="consumer">${its.name}</td>
      <td data-label="lag" class=${`level ${level}`}>${MARKS[level] ?? ''} ${duration(its.waits_for ?? 0)}</td>
      <td data-label="waiting">${upTo(its.waiting)}</td>
      <td data-label="open batch">${its.batch === null ? 'none'
        : `${its.batch}, ${upTo(its.batch_events)}, last heard of ${duration(its.active)} ago`}</td>
    </tr>`;
}

function transaction(its) {
  return html`
    <tr>
      <th scope="row">${its.who}</th>
      <td data-label="open for">${duration(its.age)}</td>
      <td data-label="role">${its.role}</td>
      <td data-label="application">${its.application} ${its.client ? `from ${its.client}` : nothing}</td>
      <td data-label="state">${its.state}${its.writes ? ', writes' : ', reads'}</td>
    </tr>`;
}
